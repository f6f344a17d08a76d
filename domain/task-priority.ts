import type { ProofKind } from './proof.js';

/** Levels of Temporal's task priority, 1 first; the server has to be set to so many (`matching.priorityLevels`). */
const LEVELS = 100;

/**
 * First level of each stage's band. Nearest to the root goes first: a final proof frees a sequence, a batch proof only
 * begins one.
 */
const FIRST_LEVEL: Record<ProofKind, number> = { final: 1, aggregate: 34, batch: 67 };

/** The band after a stage's own. */
const NEXT_BAND: Record<ProofKind, number> = { final: 34, aggregate: 67, batch: LEVELS + 1 };

/**
 * How urgent a proof is, 1 to 100, 1 first: by stage, and within a stage by how near its sequence is to the front of its
 * rollup. The far ones share the last level of their band.
 *
 * @param sequencesAhead unverified sequences of the rollup before the proof's own
 */
export function taskPriority(kind: ProofKind, sequencesAhead: number): number {
  return Math.min(FIRST_LEVEL[kind] + sequencesAhead, NEXT_BAND[kind] - 1);
}
