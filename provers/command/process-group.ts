import { spawn, type ChildProcess } from 'node:child_process';
import { Readable } from 'node:stream';

/** Longest wait for pipes that somebody else still holds open after the program has ended. */
const PIPE_WAIT_MS = 1_000;

/** A program with pipes on its standard input and output, its standard error and file descriptor 3. */
export interface ProcessGroup {
  readonly process: ChildProcess;
  /** What the program writes to file descriptor 3. */
  readonly progress: Readable | null;
  /** How it ended, once its pipes are read; rejects if it could not be started. Nothing of its group runs then. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the group: SIGTERM, and SIGKILL to what is left after `graceMs`. */
  end(graceMs: number): void;
}

export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** Starts a program in a process group of its own, so that it can be ended with everything that it started. */
export function startProcessGroup(program: string, args: readonly string[], directory: string): ProcessGroup {
  const child = spawn(program, args, { cwd: directory, detached: true, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
  let killTimer: NodeJS.Timeout | undefined;
  const ended = new Promise<ProcessEnd>((resolve, reject) => {
    child.once('error', reject);
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
      killTimer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
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
