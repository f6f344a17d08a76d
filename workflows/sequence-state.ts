import { startProgress, type SequenceProgress, type Stage } from '../domain/sequence-progress.js';
import type { BlockRef } from '../domain/sequence-view.js';
import type { SequenceIdentity } from '../domain/sequence.js';

/** All that one sequence's workflow remembers; the chain and the database know the rest. */
export interface SequenceState {
  progress: SequenceProgress;
  /** Head of the last view that was used. */
  lastUsed: BlockRef | null;
  /** Unverified sequences of the rollup before this one, when it was last looked at. */
  sequencesAhead: number;
  /** How often a person said `goOn`. */
  goOns: number;
  /** Alarms that stand now: several proofs may fail at the same time. */
  alarms: string[];
  /** The one of them that only says what is in the way now; absent in states that older versions wrote. */
  trouble?: string | null;
  /** What the sequence was at before the first of them. */
  stageBefore: Stage;
  /** What the search attributes say already: an upsert costs a history event, so it is made only on a change. */
  reported: { stage: Stage | null; round: number | null };
}

/** Of a sequence that nothing was done about yet. */
export function startState(sequence: SequenceIdentity, miner: string): SequenceState {
  return {
    progress: startProgress(sequence, miner),
    lastUsed: null,
    sequencesAhead: 0,
    goOns: 0,
    alarms: [],
    stageBefore: 'proving',
    reported: { stage: null, round: null },
  };
}
