import type { RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import type { PostedBatch, RollupGenesis } from '../../domain/rollup-type.js';

/** What a rollup's contract says of how it is to be proved. */
export interface ProvingRules {
  rollupType: string;
  /** Proof system of its verifier, as `noir`. */
  proofSystem: string;
}

/** A rollup's posted data, as its replay needs it; read from the base chain. */
export interface RollupDataSource {
  describe(rollup: RollupRef): Promise<ProvingRules>;
  genesis(rollup: RollupRef): Promise<RollupGenesis>;
  /**
   * The batches from `firstBatch` to the last one of the sequence, in order, as the present chain holds them.
   *
   * @throws SequenceNotPostedError if the chain, as far as it was read, holds no such sequence
   */
  postedBatches(sequence: SequenceIdentity, firstBatch: number): AsyncIterable<PostedBatch>;
}

/** The sequence is not in the chain as far as it was read: not yet, or no longer. */
export class SequenceNotPostedError extends Error {
  override readonly name = 'SequenceNotPostedError';
  constructor({ chainId, rollup, firstBatch, lastBatch, accInputHash }: SequenceIdentity) {
    super(
      `Sequence ${firstBatch}-${lastBatch} (accInputHash ${accInputHash}) of rollup ${rollup} is not on chain ` +
        `${chainId} as far as it was read: the endpoint lags, or the posting was taken back`,
    );
  }
}
