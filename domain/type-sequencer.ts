import type { PostedBatch, RollupGenesis } from './rollup-type.js';
import type { Hex, RollupRef } from './sequence.js';

/** A batch as `sequenceBatches` of the contract takes it. */
export interface BatchData {
  transactions: Hex;
  globalExitRoot: Hex;
  timestamp: number;
  minForcedTimestamp: number;
}

/** All that was posted to a rollup, up to a block. */
export interface RollupHistory {
  rollup: RollupRef;
  genesis: RollupGenesis;
  /** Batches 1, 2, 3, …: those rolled back are not among them. */
  batches: PostedBatch[];
  /** Time of the newest block, in seconds. */
  timestamp: number;
}

/** One thing wrong with a file: where, and what was expected. */
export interface FileProblem {
  /** Counted from 1. */
  line: number;
  /** The way to the value, as `sequences[0].batches[2]`; empty for the whole file. */
  field: string;
  message: string;
}

export interface PreparedSequences {
  /** One list of batches for each posting. */
  sequences: BatchData[][];
  /** What will take no effect, with the reason; empty unless that is allowed. */
  refusals: FileProblem[];
}

export interface PrepareFileOptions {
  /** Sequences of the file that were posted before. */
  from: number;
  /** Also prepare what will not take effect: it is posted and proved as no-ops. */
  allowInvalid: boolean;
}

/** A file of what is to be posted, as a person writes it for a rollup type. */
export interface SequencesFile {
  /** Number of its sequences. */
  readonly count: number;
  /**
   * Makes its batches, on top of what was posted.
   *
   * @throws Error naming everything that cannot be posted and, unless `allowInvalid`, all that would take no effect
   */
  prepare(history: RollupHistory, options: PrepareFileOptions): Promise<PreparedSequences>;
}

/** A rollup type's half of the sequencer. */
export interface TypeSequencer {
  /** @throws Error naming every mistake of the file, with its lines */
  openFile(content: string, fileName: string): SequencesFile;
  /** Most bytes of data in a batch. */
  readonly batchBytes: number;
  /** What a demo posts: valid, and the same at every call. @param batchesPerSequence for example [1, 2, 3] */
  demoFile(batchesPerSequence: readonly number[]): SequencesFile;
  /** The state that the demo's file begins with: the fields of a launch. */
  demoGenesis(): Pick<RollupGenesis, 'stateRoot' | 'data'>;
}
