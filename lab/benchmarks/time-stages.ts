import { ms } from './measurement.js';
import type { ProofSpan } from './proof-log.js';
import { quantileOf } from './slot-use.js';
import type { WayResult } from './way.js';

/** Where the time of the first proof of each slot goes, before and after the proof itself: a line for people. */
export function describeStages({ startedAtMs, wallMs, spans }: WayResult): string {
  const firsts = firstOfEachSlot(spans);
  const between = (from: (span: ProofSpan) => number | undefined, to: (span: ProofSpan) => number | undefined) => {
    const times = firsts.map((span) => (to(span) ?? NaN) - (from(span) ?? NaN)).sort((a, b) => a - b);
    return ms(quantileOf(times, 0.5));
  };
  const lastEndMs = spans.reduce((last, { endedAtMs }) => Math.max(last, endedAtMs), 0);
  return [
    `first proofs of the slots, medians: request to queue ${between(() => startedAtMs, queued)}`,
    `queue to machine ${between(queued, claimed)}`,
    `inputs ${between(claimed, ready)}`,
    `slot ${between(ready, begun)}`,
    `from the last proof made to the last one stored ${ms(startedAtMs + wallMs - lastEndMs)}`,
  ].join(', ');
}

const queued = ({ scheduledAtMs }: ProofSpan): number | undefined => scheduledAtMs;
const claimed = ({ claimedAtMs }: ProofSpan): number | undefined => claimedAtMs;
const ready = ({ readyAtMs }: ProofSpan): number | undefined => readyAtMs;
const begun = ({ beganAtMs }: ProofSpan): number => beganAtMs;

function firstOfEachSlot(spans: readonly ProofSpan[]): ProofSpan[] {
  const firsts = new Map<string, ProofSpan>();
  for (const span of spans) {
    const slot = `${span.machine}/${span.slot}`;
    const known = firsts.get(slot);
    if (!known || span.beganAtMs < known.beganAtMs) firsts.set(slot, span);
  }
  return [...firsts.values()];
}
