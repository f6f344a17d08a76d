import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import pg from 'pg';
import { retried, WrongPartError, type Patience } from './retried.js';
import { proxyNote, proxyOptions } from './grpc-proxy.js';
import { databaseTlsProblem, temporalTlsProblem } from './settings/tls-problems.js';

const TRY_TIMEOUT_MS = 5_000;
/** The SDK's own default. */
const DEFAULT_TEMPORAL_ADDRESS = 'localhost:7233';

/** Connects what a worker polls with. */
export function connectTemporalWorker(temporal: ClientConnectConfig, patience?: Patience): Promise<NativeConnection> {
  const options = temporal.connectionOptions;
  const place = `Temporal at ${options.address ?? DEFAULT_TEMPORAL_ADDRESS}`;
  return retried(place, TEMPORAL_ADVICE, patience, () =>
    orTlsProblem(place, options, () => NativeConnection.connect(options)),
  );
}

/** Connects to the server's services; to be closed by the caller. */
export function connectTemporal(temporal: ClientConnectConfig, patience?: Patience): Promise<Connection> {
  const { address = DEFAULT_TEMPORAL_ADDRESS, apiKey, tls, metadata } = temporal.connectionOptions;
  const options = {
    address,
    connectTimeout: TRY_TIMEOUT_MS,
    channelArgs: proxyOptions(address),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(tls === undefined ? {} : { tls }),
    ...(metadata === undefined ? {} : { metadata }),
  };
  const place = `Temporal at ${address}`;
  return retried(place, `${proxyNote(address, process.env)}${TEMPORAL_ADVICE}`, patience, () =>
    orTlsProblem(place, temporal.connectionOptions, () => Connection.connect(options)),
  );
}

/** Connects what starts, signals and queries workflows. Its `connection` is to be closed by the caller. */
export async function connectTemporalClient(
  temporal: ClientConnectConfig,
  { interceptors = [], ...patience }: Patience & { interceptors?: WorkflowClientInterceptor[] } = {},
): Promise<Client> {
  const connection = await connectTemporal(temporal, patience);
  return new Client({
    connection,
    interceptors: { workflow: interceptors },
    ...(temporal.namespace === undefined ? {} : { namespace: temporal.namespace }),
  });
}

/**
 * Connects to Postgres: a pool that connects anew by itself when the server comes back.
 * A connection that breaks while nobody uses it is dropped from the pool and told to `onLost`.
 */
export async function connectDatabase(
  databaseUrl: string,
  onLost: (error: Error) => void,
  patience?: Patience,
): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: databaseUrl, connectionTimeoutMillis: TRY_TIMEOUT_MS });
  // Without a listener a lost connection would end the process.
  pool.on('error', onLost);
  try {
    const place = `the database at ${placeOf(databaseUrl)}`;
    await retried(place, DATABASE_ADVICE, patience, async () => {
      try {
        await pool.query('select 1');
      } catch (error) {
        const problem = databaseTlsProblem(error);
        throw problem === null ? error : new WrongPartError(`Cannot use ${place}: ${problem}.`, { cause: error });
      }
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  return pool;
}

const TEMPORAL_ADVICE = 'Start it ("npm run stack") or set TEMPORAL_ADDRESS to where it runs.';
const DATABASE_ADVICE = 'Start it ("npm run stack") or set DATABASE_URL to where it runs.';
/** @throws WrongPartError if TLS is what is wrong: another try does not fix that */
async function orTlsProblem<T>(
  place: string,
  options: ClientConnectConfig['connectionOptions'],
  connect: () => Promise<T>,
): Promise<T> {
  try {
    return await connect();
  } catch (error) {
    const problem = await temporalTlsProblem(options);
    throw problem === null ? error : new WrongPartError(`Cannot use ${place}: ${problem}.`, { cause: error });
  }
}

/** Of a URL only what may be shown: user, password and path can hold secrets. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
