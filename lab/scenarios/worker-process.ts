import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, startProcess, type ProcessExit } from '../../local-stack/processes.js';
import type { Arena } from './arena.js';
import type { Miner, Role } from './miner.js';

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 20;

/** A process that runs workers of one or more miners. */
export interface WorkerProcess {
  pid: number;
  logFile: string;
  exited: Promise<ProcessExit>;
  exit(): ProcessExit | undefined;
  /** Resolves when each of its workers that looks at the chain has seen it. */
  following(): Promise<void>;
  /** `kill -9`; resolves when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP: it does nothing more, and nobody can tell. */
  freeze(): void;
  /** SIGCONT */
  thaw(): void;
}

export interface WorkerProcessOptions {
  /** Names its log. */
  name: string;
  directory: string;
  /** Told of an end that nobody asked for. */
  onEnd: (error: Error) => void;
  workers: readonly { miner: Miner; role: Role; settings?: Record<string, string> }[];
}

export async function startWorkerProcess(
  arena: Arena,
  { name, directory, workers, onEnd }: WorkerProcessOptions,
): Promise<WorkerProcess> {
  const parts = workers.map(({ miner, role, settings }) => ({
    role,
    env: { ...miner.environment(role), ...settings },
  }));
  const process_ = await startProcess({
    name: `${basename(directory)}-${name}`,
    ...{ command: process.execPath, args: [arena.workerProgram] },
    env: { ...arena.env, ZKPOW_SCENARIO_WORKERS: JSON.stringify(parts) },
    runDirectory: arena.runDirectory,
    logFile: join(directory, 'logs', `${name}.log`),
  });
  const send = (signal: NodeJS.Signals): void => {
    if (process_.exit() === undefined) process.kill(process_.pid, signal);
  };
  let killed = false;
  void process_.exited.then(() => {
    if (!killed) onEnd(new Error(describeExit(process_)));
  });
  const followers = workers.flatMap(({ miner, role }) => (role === 'prover' ? [] : [miner.proxies[role].follower]));
  const forget = (): void => followers.forEach((follower) => (follower.seen = null));
  return {
    pid: process_.pid,
    logFile: process_.logFile,
    exited: process_.exited,
    exit: () => process_.exit(),
    async following() {
      const end = Date.now() + START_TIMEOUT_MS;
      while (followers.some(({ seen }) => seen === null)) {
        if (process_.exit() !== undefined || Date.now() > end) throw new Error(describeExit(process_));
        await delay(POLL_MS);
      }
    },
    async kill() {
      killed = true;
      send('SIGKILL');
      await process_.exited;
      forget();
    },
    freeze() {
      send('SIGSTOP');
      forget();
    },
    thaw: () => send('SIGCONT'),
  };
}
