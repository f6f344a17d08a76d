import { join } from 'node:path';
import { withoutKeys } from '../platform/settings/key-variables.js';
import { settings } from '../platform/settings/settings-table.js';
import { readSettings, readTemporalSettings } from '../platform/settings/settings.js';
import { readAddresses, stackEnvironment, writeAddresses, type StackAddresses } from './addresses.js';
import { makeOwnDirectory, openHome, putOldLogsAside, type Home } from './home.js';
import { endOnInterrupt } from './interrupt.js';
import { takeOwnership } from './owner.js';
import { keepParts, type OwnParts, type PartName } from './own-parts.js';
import { openChain, openDatabase, openTemporal, type OwnPart, type PartsContext, type StackPorts } from './parts.js';
import { startProcess, stopAll, type StartedProcess } from './processes.js';

export interface StackOptions {
  /** Where the settings are read from; see `readEnvironment`. */
  env: NodeJS.ProcessEnv;
  /** Told in words what takes long and what was put right. */
  report: (line: string) => void;
  /** Names the miner's Temporal namespace and database. Default `zkpow`. */
  miner?: string;
  /** Of the local chain, in whole seconds. Default 2. */
  blockTimeSeconds?: number;
  /** Whether a server that ends by itself is started again. Default true. */
  restartEndedParts?: boolean;
  /** Before those that settings name. */
  ports?: StackPorts;
}

/** A worker or other program that belongs to a stack. */
export interface StackProgram {
  /** Names its pid file and its log. */
  name: string;
  command: string;
  args: readonly string[];
  /** Added to this process's environment without keys, and to the addresses of the stack. */
  env?: Record<string, string>;
}

export interface Stack extends StackAddresses {
  home: Home;
  /** The cache directory. */
  cache: string;
  /** The addresses as environment variables. */
  environment: Record<string, string>;
  /** Starts a program that ends with the stack; its log is `logs/NAME.log` in the home. */
  startProcess(program: StackProgram): Promise<StartedProcess>;
  /** Makes what another miner needs of its own on the same servers; to be called again at each start. */
  addMiner(name: string): Promise<{ temporalNamespace: string; databaseUrl: string }>;
  /** The servers that were started here; one that a setting names is absent. */
  parts: OwnParts['parts'];
  /** Ends a part, if it still runs, and starts it again on the same data and port. */
  restart(part: PartName): Promise<StartedProcess>;
  /** Ends every process of the stack. */
  stop(): Promise<void>;
  /** Leaves every process running: `npm run stop` or the next start ends them. */
  leave(): void;
}

const stackSettings = settings
  .pick({ databaseUrl: true, rpcUrls: true, temporalPort: true, uiPort: true, postgresPort: true, rpcPort: true })
  .partial()
  .extend(settings.pick({ home: true, cache: true, chainId: true, listenAddress: true }).shape);

/**
 * Starts Temporal, Postgres and a local base chain, or uses those that the settings name. What an earlier run of the
 * same home left running is ended first; its data is used again. From here on Ctrl-C ends all of it.
 *
 * @throws Error if another living process has a stack in this home, or a part does not start; nothing is left running
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const given = readSettings(options.env, stackSettings);
  const home = openHome(given.home);
  makeOwnDirectory(given.cache);
  const releaseHome = takeOwnership(home);
  // Until none is left: after an interrupt one more may just be starting.
  const ending = new AbortController();
  const stopProcesses = async () => {
    ending.abort();
    while ((await stopAll(home.run)).length > 0);
  };
  const ignoreInterrupts = endOnInterrupt(home, () => stopProcesses().finally(releaseHome), options.report);
  const leave = () => {
    ending.abort();
    ignoreInterrupts();
    releaseHome();
  };
  const stop = () => stopProcesses().finally(leave);
  try {
    const left = await stopAll(home.run);
    if (left.length > 0) options.report(`Ended what an earlier run left: ${left.join(', ')}`);
    putOldLogsAside(home);
    return { ...(await openParts(options, given, home, ending.signal)), stop, leave };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openParts(
  options: StackOptions,
  given: ReturnType<typeof readSettings<(typeof stackSettings)['shape']>>,
  home: Home,
  ending: AbortSignal,
): Promise<Omit<Stack, 'stop' | 'leave'>> {
  const { blockTimeSeconds = 2, miner = 'zkpow', report } = options;
  const { cache, chainId, databaseUrl, rpcUrls, listenAddress } = given;
  const { temporalPort, uiPort, postgresPort, rpcPort } = given;
  const ports = { temporal: temporalPort, temporalUi: uiPort, postgres: postgresPort, rpc: rpcPort, ...options.ports };
  const env = withoutKeys(options.env, null);
  const context: PartsContext = { home, cache, env, listenAddress, miner, report, previous: readAddresses(home) };
  const [temporal, database, chain] = await allOrFirstError([
    openTemporal(context, readTemporalSettings(options.env), ports),
    openDatabase(context, databaseUrl, ports.postgres),
    openChain(context, { rpcUrls, chainId, blockTimeSeconds }, ports.rpc),
  ]);
  const addresses = { ...temporal.addresses, databaseUrl: database.databaseUrl, rpcUrl: chain.rpcUrl, chainId };
  writeAddresses(home, addresses);
  const environment = stackEnvironment(home, addresses);

  const own = new Map<PartName, OwnPart>();
  if (temporal.own) own.set('temporal', temporal.own);
  if (database.own) own.set('postgres', database.own);
  if (chain.own) own.set('anvil', chain.own);
  return {
    ...addresses,
    ...{ home, cache, environment },
    ...keepParts(own, options.restartEndedParts ?? true, ending, report),
    startProcess: (program) =>
      startProcess({
        ...program,
        env: { ...env, ...environment, ...program.env },
        runDirectory: home.run,
        logFile: join(home.logs, `${program.name}.log`),
      }),
    addMiner: async (name) => {
      await temporal.addNamespace(name);
      return { temporalNamespace: name, databaseUrl: await database.addDatabase(name) };
    },
  };
}

/** As `Promise.all`, but when one fails the others are waited for, so that none starts a process after the clean-up. */
async function allOrFirstError<T extends readonly unknown[]>(promises: { [K in keyof T]: Promise<T[K]> }): Promise<T> {
  await Promise.allSettled(promises);
  return Promise.all(promises);
}
