import type { Worker } from '@temporalio/worker';
import type { Logger } from './log.js';

/** What ends a worker process from outside. */
export interface EndOptions {
  log: Logger;
  /** Ends it as a signal would; its reason, if it is an error, is thrown when all have ended. */
  stop?: AbortSignal;
  /** What is to be done when no new work is taken any more. */
  drain?: () => void;
  /** What is to be done at once on Ctrl-C or a second SIGTERM: give up the work in hand. */
  giveUp?: () => Promise<void>;
}

/**
 * Runs SDK workers until SIGTERM, Ctrl-C or a failure of one of them; takes no new work then and waits for what is in
 * hand as long as each worker's `shutdownGraceTime` says. Ctrl-C or a second SIGTERM gives up what is in hand.
 */
export async function runWorkers(workers: readonly Worker[], { log, stop, drain, giveUp }: EndOptions): Promise<void> {
  let ending = false;
  const end = (why: string): void => {
    if (ending) return;
    ending = true;
    log.info(`${why}: taking no new work, ending what is in hand`);
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    drain?.();
  };
  const hurry = (why: string): void => {
    end(why);
    giveUp?.().catch((error: unknown) => log.warn({ error }, 'giving up failed'));
  };
  const onTerminate = (): void => (ending ? hurry('second SIGTERM') : end('SIGTERM'));
  const onInterrupt = (): void => hurry('SIGINT');
  const onStop = (): void => hurry('told to stop');

  process.on('SIGTERM', onTerminate);
  process.on('SIGINT', onInterrupt);
  stop?.addEventListener('abort', onStop, { once: true });
  try {
    const runs = workers.map(async (worker) => {
      try {
        await worker.run();
      } finally {
        // Half a worker helps nobody: one that failed takes the others along.
        end('a part of this worker has ended');
      }
    });
    log.info({ queues: workers.map(({ options }) => options.taskQueue) }, 'running');
    if (stop?.aborted) onStop();
    const results = await Promise.allSettled(runs);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    if (stop?.aborted && stop.reason instanceof Error) throw stop.reason;
  } finally {
    process.off('SIGTERM', onTerminate);
    process.off('SIGINT', onInterrupt);
    stop?.removeEventListener('abort', onStop);
  }
}
