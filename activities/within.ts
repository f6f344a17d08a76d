import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits for an answer, but no longer than `ms`.
 *
 * @param what who was asked, for the message
 * @throws Error after so long; what was asked may go on, and its answer is dropped
 */
export async function within<T>(ms: number, what: string, answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = delay(ms, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`${what} did not answer within ${ms / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
  }
}
