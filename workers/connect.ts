import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, type WorkflowClientInterceptor } from '@temporalio/client';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import pg from 'pg';
import { endpointName } from '../activities/chain/endpoints/endpoint-name.js';
import {
  createEndpointPool,
  type EndpointPool,
  type EndpointPoolOptions,
} from '../activities/chain/endpoints/endpoint-pool.js';
import { proxyNote, proxyOptions } from './grpc-proxy.js';
import { databaseTlsProblem, temporalTlsProblem } from './settings/tls-problems.js';

/** How long a program waits at its start for a part that does not answer. */
export const CONNECT_TIMEOUT_MS = 60_000;
const TRY_TIMEOUT_MS = 5_000;
const RPC_TIMEOUT_MS = 10_000;
const PAUSE_MS = 500;
/** An endpoint that does not answer for so long holds up nobody while another one answers. */
const SILENCE_MS = 2_000;
/** The SDK's own default. */
const DEFAULT_TEMPORAL_ADDRESS = 'localhost:7233';

/** The part answered, and what it said cannot be fixed by asking again. */
export class WrongPartError extends Error {
  override readonly name = 'WrongPartError';
}

export interface Patience {
  /** Default `CONNECT_TIMEOUT_MS`. */
  timeoutMs?: number;
}

export interface ChainSettings {
  rpcUrls: readonly string[];
  chainId: number;
}

/** Who is told of what becomes of endpoints. */
export type EndpointListeners = Pick<EndpointPoolOptions, 'onTrouble' | 'onLack'>;

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

/**
 * Connects to the base chain: at least one endpoint must answer, and none that answers may serve another chain. Later on
 * such a one is passed over.
 *
 * @returns the pool of all endpoints, to be closed by the caller
 * @throws WrongPartError at once if an endpoint serves another chain
 */
export async function connectEndpoints(
  { rpcUrls, chainId }: ChainSettings,
  { timeoutMs, ...listeners }: Patience & EndpointListeners = {},
): Promise<EndpointPool> {
  const pool = createEndpointPool({ chainId, urls: rpcUrls, timeoutMs: RPC_TIMEOUT_MS, ...listeners });
  try {
    const places = rpcUrls.map(endpointName).join(', ');
    const patience = timeoutMs === undefined ? {} : { timeoutMs };
    await retried(`the base chain at ${places}`, CHAIN_ADVICE, patience, () => checkEndpoints(pool));
    return pool;
  } catch (error) {
    pool.close();
    throw error;
  }
}

const TEMPORAL_ADVICE = 'Start it ("npm run stack") or set TEMPORAL_ADDRESS to where it runs.';
const DATABASE_ADVICE = 'Start it ("npm run stack") or set DATABASE_URL to where it runs.';
const CHAIN_ADVICE = 'Start it ("npm run stack") or set ZKPOW_RPC_URL to an endpoint that answers.';

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

/** Tries until it works, the time is over, or the answer is that of a wrong part. */
async function retried<T>(
  what: string,
  advice: string,
  { timeoutMs = CONNECT_TIMEOUT_MS }: Patience = {},
  attempt: () => Promise<T>,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof WrongPartError) throw error;
      if (Date.now() >= end) {
        throw new Error(`Cannot reach ${what} (tried for ${timeoutMs / 1000} s): ${reasonOf(error)}. ${advice}`, {
          cause: error,
        });
      }
    }
    await delay(Math.min(PAUSE_MS, Math.max(0, end - Date.now())));
  }
}

/**
 * Every endpoint that answers must serve the right chain; where none answers, what is wrong with each is thrown. One that
 * is silent beside others that answer is not waited for.
 */
async function checkEndpoints(pool: EndpointPool): Promise<void> {
  await pool.checkAll(SILENCE_MS);
  const endpoints = pool.status();
  for (const { name, wrongChain } of endpoints) {
    if (wrongChain === null) continue;
    throw new WrongPartError(
      `The base chain at ${name} ${wrongChain}. Set ZKPOW_RPC_URL to endpoints of one chain, and ZKPOW_CHAIN_ID to its id.`,
    );
  }
  if (endpoints.some(({ trouble }) => trouble === null)) return;
  throw new Error(endpoints.map(({ name, trouble }) => `${name}: ${trouble ?? 'no answer yet'}`).join('; '));
}

/** Of a URL only what may be shown: user, password and path can hold secrets. */
function placeOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}

/** For a list that is not empty: an aggregate error's first cause says more than its own empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
