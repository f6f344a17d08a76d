import { connectDatabase, connectTemporal } from '../platform/connect.js';
import { connectEndpoints } from '../activities/chain/connect-endpoints.js';
import type { readTemporalSettings } from '../platform/settings/settings.js';
import { portOf, type StackAddresses } from './addresses.js';
import { startAnvil } from './anvil.js';
import type { Home } from './home.js';
import { choosePort, reachableAddress } from './ports.js';
import { createDatabase, startPostgres } from './postgres.js';
import type { StartedProcess } from './processes.js';
import { findTemporal } from './temporal-binary.js';
import { ensureNamespace } from './temporal-namespace.js';
import { startTemporal } from './temporal.js';

/** What all parts are opened with. */
export interface PartsContext {
  home: Home;
  cache: string;
  env: NodeJS.ProcessEnv;
  /** What Temporal and Postgres listen on. */
  listenAddress: string;
  /** Names the miner's namespace and database. */
  miner: string;
  /** Of the last stack of this home: its ports are taken again where they are free. */
  previous: StackAddresses | undefined;
  report: (line: string) => void;
}

/** A server that was started here, and how to start it again on the same data and port. */
export interface OwnPart {
  process: StartedProcess;
  start(): Promise<StartedProcess>;
}

export interface TemporalPart {
  addresses: Pick<StackAddresses, 'temporalAddress' | 'temporalUi' | 'temporalNamespace'>;
  addNamespace(name: string): Promise<void>;
  /** Absent: a setting named a running server. */
  own?: OwnPart;
}

export interface DatabasePart {
  databaseUrl: string;
  addDatabase(name: string): Promise<string>;
  own?: OwnPart;
}

export interface ChainPart {
  rpcUrl: string;
  own?: OwnPart;
}

/** Ports to listen on; those not given are chosen free, the same as last time where possible. */
export type StackPorts = Partial<Record<'temporal' | 'temporalUi' | 'postgres' | 'rpc', number | undefined>>;

type TemporalSettings = ReturnType<typeof readTemporalSettings>;

export async function openTemporal(
  context: PartsContext,
  given: TemporalSettings,
  ports: StackPorts,
): Promise<TemporalPart> {
  const namespace = given.namespace ?? context.miner;
  const addNamespaceAt = (settings: TemporalSettings) => async (name: string) => {
    const connection = await connectTemporal(settings);
    await ensureNamespace(connection, name).finally(() => connection.close());
  };
  const givenAddress = given.connectionOptions.address;
  if (givenAddress !== undefined) {
    const addNamespace = addNamespaceAt(given);
    await addNamespace(namespace);
    return { addresses: { temporalAddress: givenAddress, temporalNamespace: namespace }, addNamespace };
  }
  const program = await findTemporal(context);
  const { home, env, listenAddress } = context;
  const port = ports.temporal ?? (await choosePort(portOf(context.previous?.temporalAddress), listenAddress));
  const uiPort = ports.temporalUi ?? (await choosePort(portOf(context.previous?.temporalUi)));
  const temporalAddress = `${reachableAddress(listenAddress)}:${port}`;
  const start = () => startTemporal({ home, env, listenAddress, program, port, uiPort, namespace });
  return {
    addresses: { temporalAddress, temporalUi: `http://127.0.0.1:${uiPort}`, temporalNamespace: namespace },
    addNamespace: addNamespaceAt({ connectionOptions: { address: temporalAddress } }),
    own: { process: await start(), start },
  };
}

export async function openDatabase(
  context: PartsContext,
  given: string | undefined,
  givenPort: number | undefined,
): Promise<DatabasePart> {
  if (given !== undefined) {
    const pool = await connectDatabase(given, () => undefined);
    await pool.end();
    return { databaseUrl: given, addDatabase: (name) => createDatabase(given, name) };
  }
  const { home, cache, env, listenAddress } = context;
  const port = givenPort ?? (await choosePort(portOf(context.previous?.databaseUrl), listenAddress));
  const start = () => startPostgres({ home, cache, env, listenAddress, port });
  const { process, adminUrl } = await start();
  return {
    databaseUrl: await createDatabase(adminUrl, context.miner),
    addDatabase: (name) => createDatabase(adminUrl, name),
    own: { process, start: async () => (await start()).process },
  };
}

export async function openChain(
  context: PartsContext,
  given: { rpcUrls: readonly string[] | undefined; chainId: number; blockTimeSeconds: number },
  givenPort: number | undefined,
): Promise<ChainPart> {
  const { rpcUrls, chainId, blockTimeSeconds } = given;
  if (rpcUrls !== undefined) {
    const endpoints = await connectEndpoints({ rpcUrls, chainId });
    endpoints.close();
    return { rpcUrl: rpcUrls.join(',') };
  }
  const port = givenPort ?? (await choosePort(portOf(context.previous?.rpcUrl)));
  const { home, env, report } = context;
  const start = () => startAnvil({ home, env, report, port, chainId, blockTimeSeconds });
  return { rpcUrl: `http://127.0.0.1:${port}`, own: { process: await start(), start } };
}
