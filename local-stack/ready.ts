import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type StartedProcess } from './processes.js';

const POLL_MS = 100;

/**
 * Waits until a started process answers.
 *
 * @param probe throws while the process is not ready
 * @throws Error with the end of its log if the process ends first, or has not answered after `timeoutMs`
 */
export async function waitUntilReady<T>(
  process: StartedProcess,
  probe: () => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    if (process.exit() !== undefined) throw new Error(describeExit(process));
    try {
      return await probe();
    } catch (error) {
      if (Date.now() > end) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`no answer after ${timeoutMs / 1000} s (${reason}): ${describeExit(process)}`, {
          cause: error,
        });
      }
    }
    await delay(POLL_MS);
  }
}
