import type { ProofKind } from '../../domain/proof.js';
import { proofsOf, type BenchWork, type WorkProof } from './bench-work.js';
import type { ProofSpan } from './proof-log.js';

/** What goes first, as `taskPriority` has it. */
const STAGE_ORDER: Record<ProofKind, number> = { final: 0, aggregate: 1, batch: 2 };

/** A work as it would be done without any overhead. */
export interface IdealSchedule {
  wallMs: number;
  /** Each proof in its slot; times from the beginning. */
  spans: ProofSpan[];
}

/**
 * The work in the product's order (final before aggregate before batch, lower sequences first), where handing out a
 * proof takes no time and no slot stands still while anything can be begun. Nobody who keeps this order and does not
 * know beforehand how long proofs take can rely on less.
 */
export function idealSchedule(work: BenchWork, slots: number): IdealSchedule {
  const waiting = proofsOf(work).sort(
    (one, other) => STAGE_ORDER[one.kind] - STAGE_ORDER[other.kind] || one.sequence - other.sequence,
  );
  const madeAtMs = new Map<WorkProof, number>();
  const freeAtMs = Array.from({ length: slots }, () => 0);
  const spans: ProofSpan[] = [];
  let nowMs = 0;
  while (waiting.length > 0) {
    const slot = freeAtMs.findIndex((ms) => ms <= nowMs);
    const next = waiting.findIndex(({ needs }) => needs.every((need) => (madeAtMs.get(need) ?? Infinity) <= nowMs));
    const proof = waiting[next];
    if (slot < 0 || !proof) {
      // The next moment at which anything changes: a slot gets free, and its proof is made.
      nowMs = Math.min(...freeAtMs.filter((ms) => ms > nowMs));
      continue;
    }
    waiting.splice(next, 1);
    const endedAtMs = nowMs + proof.ms;
    madeAtMs.set(proof, endedAtMs);
    freeAtMs[slot] = endedAtMs;
    const { kind, firstBatch, lastBatch } = proof;
    spans.push({
      machine: `ideal-${slot + 1}`,
      slot: 1,
      taskId: '',
      kind,
      firstBatch,
      lastBatch,
      beganAtMs: nowMs,
      endedAtMs,
    });
  }
  return { wallMs: Math.max(0, ...freeAtMs), spans };
}
