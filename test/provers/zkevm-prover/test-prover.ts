import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

const eventLine = z.looseObject({ event: z.string(), request: z.string().optional(), command: z.string().optional() });

export type TestProverEvent = z.infer<typeof eventLine>;

export interface TestProverOptions {
  port: number;
  name?: string;
  id?: string;
  fork?: number;
  behaviour?: string;
  watchdogMs?: number;
}

/** A running stand-in for a prover, which tells what happens to it. */
export interface TestProver {
  readonly events: readonly TestProverEvent[];
  /** Resolves with the first event from `since` on that fits. */
  saw(fits: (event: TestProverEvent) => boolean, since?: number): Promise<TestProverEvent>;
  /** Resolves when it was asked something, from now on. */
  asked(request: string): Promise<unknown>;
  /** A command of the program, or a new behaviour; resolves when it is in force. */
  tell(command: string): Promise<void>;
  /** Its exit code. */
  readonly exited: Promise<number | null>;
}

export function startTestProver(program: string, options: TestProverOptions): TestProver {
  const { port, name = 'test', id = '', fork = 9, behaviour = 'honest', watchdogMs = 60_000 } = options;
  const child = spawn(
    program,
    [
      ...['-address', `127.0.0.1:${port}`, '-name', name, '-id', id, '-fork', String(fork)],
      ...['-behaviour', behaviour, '-watchdog', `${watchdogMs}ms`],
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const exited = once(child, 'exit').then(() => child.exitCode);
  const events: TestProverEvent[] = [];
  const watchers = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    events.push(eventLine.parse(JSON.parse(line)));
    for (const watcher of watchers) watcher();
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await exited;
  });

  const saw: TestProver['saw'] = (fits, since = 0) =>
    new Promise((resolve) => {
      const look = (): void => {
        const found = events.slice(since).find(fits);
        if (!found) return;
        watchers.delete(look);
        resolve(found);
      };
      watchers.add(look);
      look();
    });
  return {
    events,
    exited,
    saw,
    asked: (request) => saw((event) => event.event === 'asked' && event.request === request, events.length),
    async tell(command) {
      const obeyed = saw((event) => event.event === 'obeyed' && event.command === command, events.length);
      child.stdin.write(`${command}\n`);
      await obeyed;
    },
  };
}
