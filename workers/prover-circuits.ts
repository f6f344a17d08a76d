import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Circuit } from '../activities/storage/circuits.js';
import type { ProverStore } from '../activities/storage/prover-store.js';
import type { ProverBackend } from '../domain/prover-backend.js';
import type { Logger } from '../platform/log.js';

/** After a change of version an aggregator that starts at the same time tells of its circuits within so long. */
const PATIENCE_MS = 30_000;
const PAUSE_MS = 1_000;

/** What differs between this machine's circuits and those of the same proof system that the aggregator told of. */
export function circuitDifference(known: readonly Circuit[], backend: ProverBackend): string | null {
  const other = known.filter(
    ({ proofSystem, kind, circuitId }) => proofSystem === backend.proofSystem && backend.circuitId(kind) !== circuitId,
  );
  if (other.length === 0) return null;
  const details = other.map(({ kind, circuitId }) => `${kind} ${backend.circuitId(kind)}, there ${circuitId}`);
  return (
    `other circuits than the aggregator's (${details.join('; ')}): ` +
    'bring this machine to its version (git checkout, npm ci) and set ZKPOW_TRUSTED_SETUP as there'
  );
}

/**
 * A machine with other circuits than its miner would hand every task back. Where the aggregator has not told of any yet
 * (it never ran), there is nothing to compare with, and the machine may start.
 *
 * @throws Error naming the circuits that differ
 */
export async function requireSameCircuits(
  store: ProverStore,
  backend: ProverBackend,
  log: Logger,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let waits = 0; ; waits++) {
    const difference = circuitDifference(await store.circuits(), backend);
    if (difference === null) return;
    if (performance.now() >= deadline) throw new Error(`This machine has ${difference}`);
    if (waits === 0) log.warn({ difference, patienceMs }, 'waiting for the aggregator to come to the same circuits');
    await sleep(PAUSE_MS);
  }
}
