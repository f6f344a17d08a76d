import type { Client } from '@temporalio/client';
import { connectTemporalClient } from '../../platform/connect.js';
import { readTemporalSettings } from '../../platform/settings/settings.js';
import { startStack, type Stack } from '../stack.js';
import { Stopwatch } from './stopwatch.js';

export interface SessionOptions {
  env: NodeJS.ProcessEnv;
  report(line: string): void;
  /** Told which part of the start is under way. */
  onPhase(phase: string): void;
  /** Names the Temporal namespace and the database; a new name gives new, empty ones. */
  miner?: string;
  blockTimeSeconds: number;
}

/** Servers that run, and what this process holds open of them. */
export interface Session {
  stack: Stack;
  client: Client;
  /** How long each part of the start took. */
  stopwatch: Stopwatch;
  /** Fires when the processes are being ended or left alone: none is to be started again. */
  ending: AbortSignal;
  /** Closes something when the session ends, before the processes do. */
  onEnd(close: () => unknown): void;
  stop(): Promise<void>;
  /** Leaves all processes running. */
  leave(): Promise<void>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Starts the servers, then does what `build` does with them; when that fails everything is ended. */
export async function openSession<T>(
  options: SessionOptions,
  build: (session: Session) => Promise<T>,
): Promise<T & Session> {
  const { env, report, onPhase, miner, blockTimeSeconds } = options;
  const ending = new AbortController();
  const onSignal = (): void => ending.abort();
  for (const signal of SIGNALS) process.once(signal, onSignal);

  const stopwatch = new Stopwatch(onPhase);
  stopwatch.begin('Temporal, Postgres and the chain');
  const stack = await startStack({ env, report, blockTimeSeconds, ...(miner === undefined ? {} : { miner }) });
  const closers: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    ending.abort();
    for (const signal of SIGNALS) process.off(signal, onSignal);
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const client = await connectTemporalClient(readTemporalSettings({ ...env, ...stack.environment }));
    closers.push(() => client.connection.close());
    const session: Session = {
      ...{ stack, client, stopwatch, ending: ending.signal },
      onEnd: (closer) => void closers.push(closer),
      stop: () => close().then(() => stack.stop()),
      leave: () => close().then(() => stack.leave()),
    };
    const built = await build(session);
    stopwatch.end();
    return { ...session, ...built };
  } catch (error) {
    await close();
    await stack.stop();
    throw error;
  }
}
