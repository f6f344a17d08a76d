import type { ProofSpan } from './proof-log.js';

/** A slot of a machine, with its proofs in order. */
export interface SlotUse {
  /** Machine and number of the slot. */
  name: string;
  spans: readonly ProofSpan[];
}

/** The proofs of each slot, in order. */
export function slotsOf(spans: readonly ProofSpan[]): SlotUse[] {
  const slots = new Map<string, ProofSpan[]>();
  for (const span of [...spans].sort((one, other) => one.beganAtMs - other.beganAtMs)) {
    const name = `${span.machine}/${span.slot}`;
    slots.set(name, [...(slots.get(name) ?? []), span]);
  }
  return [...slots].map(([name, own]) => ({ name, spans: own }));
}

/** How long slots stood still between two proofs, in milliseconds, the shortest first. */
export function gapsOf(slots: readonly SlotUse[]): number[] {
  return gapsFrom(slots, (_span, endedAtMs) => endedAtMs);
}

/**
 * As `gapsOf`, without the time in which the next proof could not begin because what it folds was not proved yet: what
 * handing out work costs.
 */
export function dispatchGapsOf(slots: readonly SlotUse[]): number[] {
  return gapsFrom(slots, ({ scheduledAtMs = 0 }, endedAtMs) => Math.max(endedAtMs, scheduledAtMs));
}

function gapsFrom(slots: readonly SlotUse[], from: (next: ProofSpan, endedAtMs: number) => number): number[] {
  return slots
    .flatMap(({ spans }) =>
      spans.slice(1).map((next, index) => next.beganAtMs - from(next, spans[index]?.endedAtMs ?? NaN)),
    )
    .sort((a, b) => a - b);
}

/** The value that a share of all lie at or below; null where there is none. `values` in ascending order. */
export function quantileOf(values: readonly number[], share: number): number | null {
  return values[Math.max(0, Math.ceil(share * values.length) - 1)] ?? null;
}
