import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 100;
const PATIENCE_MS = 180_000;

/**
 * Asks until there is an answer other than null.
 *
 * @throws Error naming `what` if there is none for minutes
 */
export async function until<T>(what: string, ask: () => T | null | Promise<T | null>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(POLL_MS)) {
    const answer = await ask();
    if (answer !== null) return answer;
  }
  throw new Error(`${what}: not within ${PATIENCE_MS / 1_000} s`);
}
