import type { ProofKind, Statement } from './proof.js';
import type { Hex, RollupRef } from './sequence.js';
import type { StageManifest } from './stage-manifest.js';

/** One batch as it was posted on the base chain. */
export interface PostedBatch {
  batchNumber: number;
  /** The rollup's own data, as posted. */
  transactions: Hex;
  globalExitRoot: Hex;
  timestamp: number;
  /** Receiver of the rollup's fees, the same for all batches of a posting. */
  l2Coinbase: string;
  /** Accumulated input hash after this batch, as the contract computed it. */
  accInputHash: Hex;
}

/** A batch as a sequencer posts it, before the contract gives it a number and an accumulated input hash. */
export type BatchContent = Omit<PostedBatch, 'batchNumber' | 'accInputHash'>;

/** The start of a rollup's history, read from its contract. */
export interface RollupGenesis {
  stateRoot: Hex;
  accInputHash: Hex;
  /** What the rollup type needs to rebuild the first state; opaque to everybody else. */
  data: Hex;
}

/** What one batch proof has to show, and the private inputs that show it. */
export interface BatchWork {
  statement: Statement;
  input: Uint8Array;
}

/**
 * A family of rollups: how its posted data becomes proof tasks. A developer adds a type by writing this one interface
 * and a verifier contract; nothing else knows what is in a batch. See `docs/rollup-types.md`.
 */
export interface RollupType {
  /** Equals `rollupType()` of the contract and is part of the provers' queue names. */
  readonly name: string;
  readonly manifest: Record<ProofKind, StageManifest>;
  /**
   * Accumulated input hash after a batch, as the type's contract rule chains it.
   *
   * @param previous accumulated input hash before it, zero before batch 1
   * @throws Error if the rule would refuse the batch
   */
  accumulate(previous: Hex, batch: BatchContent): Hex;
  /**
   * The rollup's state before its first batch.
   *
   * @throws Error if `genesis.data` does not make up `genesis.stateRoot`
   */
  openReplay(rollup: RollupRef, genesis: RollupGenesis): RollupReplay;
  /** A batch of no rollup that there is, as much work as any: a machine tries it to show that it can prove the type. */
  sampleBatch?(): Promise<BatchWork>;
}

/** A rollup's state while its batches are applied one after the other. */
export interface RollupReplay {
  /** Number of the last batch applied, 0 at the start. */
  readonly lastBatch: number;
  readonly stateRoot: Hex;
  readonly accInputHash: Hex;
  /**
   * Applies the next batch and returns what has to be proved of it.
   *
   * @throws Error if the batch is not the one after `lastBatch`, or its data does not hash to its `accInputHash`; the
   * replay is then unchanged
   */
  apply(batch: PostedBatch): Promise<BatchWork>;
}
