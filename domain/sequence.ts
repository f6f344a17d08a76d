/** A 0x-prefixed, lower-case hexadecimal string. */
export type Hex = `0x${string}`;

/** One ZK-rollup on one base chain. */
export interface RollupRef {
  /** EIP-155 id of the base chain. */
  chainId: number;
  /** Address of the `ZkPowRollup` contract, checksummed (EIP-55). */
  rollup: string;
}

/**
 * What makes a sequence itself. A reorg that puts other data under the same batch numbers gives another
 * `accInputHash`, so another sequence.
 */
export interface SequenceIdentity extends RollupRef {
  firstBatch: number;
  lastBatch: number;
  /** Accumulated input hash after the last batch: it binds all data posted up to there. */
  accInputHash: Hex;
}

/** A sequence as the chain follower saw it posted. */
export interface PostedSequence extends SequenceIdentity {
  /** Base-chain block that holds the posting. */
  blockNumber: number;
  transactionHash: Hex;
}

/** How many batches a sequence holds (at least one). */
export function batchCount(sequence: Pick<SequenceIdentity, 'firstBatch' | 'lastBatch'>): number {
  return sequence.lastBatch - sequence.firstBatch + 1;
}
