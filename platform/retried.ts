import { setTimeout as delay } from 'node:timers/promises';

/** How long a program waits at its start for a part that does not answer. */
export const CONNECT_TIMEOUT_MS = 60_000;
const PAUSE_MS = 500;

/** The part answered, and what it said cannot be fixed by asking again. */
export class WrongPartError extends Error {
  override readonly name = 'WrongPartError';
}

export interface Patience {
  /** Default `CONNECT_TIMEOUT_MS`. */
  timeoutMs?: number;
}

/** Tries until it works, the time is over, or the answer is that of a wrong part. */
export async function retried<T>(
  what: string,
  advice: string,
  { timeoutMs = CONNECT_TIMEOUT_MS }: Patience = {},
  attempt: () => Promise<T>,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof WrongPartError) throw error;
      if (Date.now() >= end) {
        throw new Error(`Cannot reach ${what} (tried for ${timeoutMs / 1000} s): ${reasonOf(error)}. ${advice}`, {
          cause: error,
        });
      }
    }
    await delay(Math.min(PAUSE_MS, Math.max(0, end - Date.now())));
  }
}

/** For a list that is not empty: an aggregate error's first cause says more than its own empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : String(error);
}
