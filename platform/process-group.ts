import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';

/** Longest wait for pipes that somebody else still holds open after the program has ended. */
const PIPE_WAIT_MS = 1_000;
/** A program that SIGKILL does not end within this time hangs in the kernel, as in a driver, and may never end. */
const KILL_WAIT_MS = 5_000;

/** A program with pipes on its standard input and output, its standard error and file descriptor 3. */
export interface ProcessGroup {
  readonly process: ChildProcess;
  /** What the program writes to file descriptor 3. */
  readonly progress: Readable | null;
  /** How it ended, once its pipes are read; rejects if it could not be started, or not ended. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the group: SIGTERM, and SIGKILL to what is left after `graceMs`. */
  end(graceMs: number): void;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Where a program runs, and in which environment: without one in that of this process. */
export interface ProcessPlace {
  directory: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts a program in a process group of its own, so that it can be ended with everything that it started. */
export function startProcessGroup(
  program: string,
  args: readonly string[],
  { directory, env }: ProcessPlace,
): ProcessGroup {
  const child = spawn(program, args, {
    ...{ cwd: directory, detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] },
    ...(env && { env }),
  });
  // A pipe that breaks as the program dies must not end this one; how the program ended, `ended` tells.
  for (const pipe of child.stdio) pipe?.on('error', () => undefined);
  let killTimer: NodeJS.Timeout | undefined;
  let giveUp: (error: Error) => void = () => undefined;
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
    giveUp = reject;
    child.once('exit', () => {
      // What it left behind works for nobody any more.
      signalGroup(child, 'SIGKILL');
      const pipes = setTimeout(() => child.stdio.forEach((pipe) => pipe?.destroy()), PIPE_WAIT_MS);
      child.once('close', () => clearTimeout(pipes));
    });
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const clear = (): void => clearTimeout(killTimer);
  ended.then(clear, clear);
  const progress = child.stdio[3];
  return {
    process: child,
    progress: progress instanceof Readable ? progress : null,
    ended,
    end(graceMs) {
      if (killTimer || child.exitCode !== null || child.signalCode !== null) return;
      signalGroup(child, 'SIGTERM');
      killTimer = setTimeout(() => {
        signalGroup(child, 'SIGKILL');
        killTimer = setTimeout(() => {
          child.stdio.forEach((pipe) => pipe?.destroy());
          child.unref();
          giveUp(new Error(`process ${child.pid} hangs in the kernel: SIGKILL does not end it`));
        }, KILL_WAIT_MS);
      }, graceMs);
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Everything in it has ended by itself.
  }
}
