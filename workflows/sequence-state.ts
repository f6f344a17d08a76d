import type { SequenceProgress, Stage } from './domain/sequence-progress.js';
import type { BlockRef } from './domain/sequence-view.js';

/** All that one sequence's workflow remembers; the chain and the database know the rest. */
export interface SequenceState {
  progress: SequenceProgress;
  /** Head of the last view that was used. */
  lastUsed: BlockRef | null;
  /** Failed rounds that a person has looked at (`goOn`): they no longer count. */
  forgivenRounds: number;
  /** How often a person said `goOn`. */
  goOns: number;
  /** What the search attributes say already: an upsert costs a history event, so it is made only on a change. */
  reported: { stage: Stage | null; round: number | null };
}
