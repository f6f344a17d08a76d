import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseError } from 'pg';
import type { ProverStore } from './prover-store.js';

const PAUSE_MS = 1_000;

/** Beginnings of SQLSTATEs that say that the server cannot be used now: connection, resources, shutting down or up. */
const UNAVAILABLE_STATES = ['08', '53', '57P'];
const UNAVAILABLE_CODES = [
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
];
/** What the driver says without a code when a connection breaks or does not come. */
const UNAVAILABLE_TEXT = /connection terminated|connection error|timeout exceeded when trying to connect/i;

/**
 * As `store`, but a call waits while the database is away: a proof in hand is worth more than the time, and a try that
 * only met a server that was starting again says nothing about its task.
 *
 * @param signal ends the wait
 */
export function waitForDatabase(store: ProverStore, signal: AbortSignal): ProverStore {
  async function patiently<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        await delay(PAUSE_MS, undefined, { signal });
      }
    }
  }
  return {
    readArtifact: (digest) => patiently(() => store.readArtifact(digest)),
    findProof: (taskId) => patiently(() => store.findProof(taskId)),
    addProof: (taskId, proof, seconds) => patiently(() => store.addProof(taskId, proof, seconds)),
    circuits: () => patiently(() => store.circuits()),
  };
}

function isUnavailable(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isUnavailable);
  if (error instanceof DatabaseError) return UNAVAILABLE_STATES.some((state) => error.code?.startsWith(state));
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return UNAVAILABLE_CODES.includes(code) || UNAVAILABLE_TEXT.test(error.message);
}
