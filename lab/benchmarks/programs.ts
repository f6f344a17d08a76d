import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { grantProver, proverDatabaseUrl, type ProverLogin } from '../../activities/storage/prover-roles.js';
import type { SimulatedTimes } from '../../provers/backends/simulated/simulated-seconds.js';
import { nodeProgram } from '../../local-stack/node-program.js';
import { describeExit, type StartedProcess } from '../../local-stack/processes.js';
import { startBenchProgram, type BenchPlace, type BenchServers } from './bench-servers.js';
import { writeProgramConfig } from './program-config.js';
import { readProofLog, type ProofSpan } from './proof-log.js';
import type { Reach } from './reach.js';

const WORKER_MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
const START_TIMEOUT_MS = 120_000;
const POLL_MS = 50;

/** Processes of one kind that run side by side. */
export interface Programs {
  processes: readonly StartedProcess[];
  pids: readonly number[];
  /** The proofs that they logged. */
  proofs(sinceMs: number): ProofSpan[];
  stop(): Promise<void>;
}

/** How the provers of the product are started. */
export interface ProverOptions {
  /** Beginning of the machines' names. Default `rig`. */
  prefix?: string;
  machines: number;
  slotsPerMachine: number;
  times: SimulatedTimes;
  reach?: Reach | undefined;
}

/** Prover processes as `npm run worker -- prover` starts them, each with a database login of its own. */
export async function startProvers(
  servers: BenchServers,
  place: BenchPlace,
  { prefix = 'rig', machines, slotsPerMachine, times, reach }: ProverOptions,
): Promise<Programs> {
  const { batch = 0, aggregate = 0, final = 0 } = times.secondsByKind ?? {};
  const logins = await grantProvers(place, machines, prefix);
  return startPrograms(
    servers,
    logins.map((login) => ({
      name: `${place.name}-${login.name}`,
      ...nodeProgram(WORKER_MAIN, ['prover', '--slots', String(slotsPerMachine)]),
      env: {
        TEMPORAL_ADDRESS: reach?.temporalAddress ?? servers.temporalAddress,
        TEMPORAL_NAMESPACE: place.name,
        DATABASE_URL: reachable(proverDatabaseUrl(place.databaseUrl, login), reach),
        ZKPOW_HOME: servers.home.directory,
        ZKPOW_CACHE: servers.cache,
        ZKPOW_PROVER: 'simulated',
        ZKPOW_SIMULATED_SECONDS: [batch, aggregate, final].map((seconds) => seconds.toFixed(6)).join(','),
        ZKPOW_SIMULATED_SPREAD: String(times.spread ?? 0),
        ...(times.seed === undefined ? {} : { ZKPOW_SIMULATED_SEED: times.seed }),
      },
    })),
  );
}

export function reachable(databaseUrl: string, reach: Reach | undefined): string {
  return reach?.databaseUrl(databaseUrl) ?? databaseUrl;
}

/** Logins of mining machines; one after the other, since each changes the database's list of rights. */
export async function grantProvers(place: BenchPlace, machines: number, prefix = 'rig'): Promise<ProverLogin[]> {
  const logins: ProverLogin[] = [];
  for (let number = 1; number <= machines; number++) logins.push(await grantProver(place.pool, `${prefix}-${number}`));
  return logins;
}

/** A program of the benchmarks' own, several times; each with what it is to know. */
export function startOwnPrograms(
  servers: BenchServers,
  file: URL,
  configs: readonly { name: string; config: unknown }[],
): Promise<Programs> {
  const directory = join(servers.home.directory, 'programs');
  mkdirSync(directory, { recursive: true });
  const program = nodeProgram(fileURLToPath(file));
  return startPrograms(
    servers,
    configs.map(({ name, config }) => ({ name, ...program, env: writeProgramConfig(directory, name, config) })),
  );
}

type ProgramPlan = Parameters<typeof startBenchProgram>[1];

/** Starts them all and waits until each says that it runs. */
async function startPrograms(servers: BenchServers, plans: readonly ProgramPlan[]): Promise<Programs> {
  const processes = await Promise.all(plans.map((plan) => startBenchProgram(servers, plan)));
  await Promise.all(processes.map(waitUntilRunning));
  return {
    processes,
    pids: processes.map(({ pid }) => pid),
    proofs: (sinceMs) => processes.flatMap(({ name, logFile }) => readProofLog(shortName(name), logFile, sinceMs)),
    stop: async () => void (await Promise.all(processes.map((process) => process.stop()))),
  };
}

/** Without the name of the place: `rig-1`. */
function shortName(name: string): string {
  return name.slice(name.indexOf('-') + 1);
}

async function waitUntilRunning(process: StartedProcess): Promise<void> {
  for (const end = Date.now() + START_TIMEOUT_MS; ; await delay(POLL_MS)) {
    if (existsSync(process.logFile) && readFileSync(process.logFile, 'utf8').includes('"msg":"running"')) return;
    if (process.exit() !== undefined || Date.now() > end) throw new Error(describeExit(process));
  }
}
