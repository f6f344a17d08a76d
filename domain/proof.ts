import type { Hex } from './sequence.js';

/** Stage of a proof: one batch, two adjacent proofs folded into one, or the one that the contract verifies. */
export type ProofKind = 'batch' | 'aggregate' | 'final';

/**
 * What a proof says: executing the data between the two accumulated input hashes moves the state from the old root to
 * the new one. A batch proof says it of one batch, an aggregate of a run of them, a final proof of a whole sequence.
 * Roots and hashes are 32 bytes.
 */
export interface Statement {
  chainId: number;
  /** Address of the rollup's contract. */
  rollup: string;
  firstBatch: number;
  lastBatch: number;
  oldStateRoot: Hex;
  newStateRoot: Hex;
  oldAccInputHash: Hex;
  newAccInputHash: Hex;
}

/**
 * A unit of work for a prover, by reference: what has to be proved lies in the artifact store under `inputDigest`.
 * The id is the digest of (kind, circuit, inputs), so equal work has equal ids and is never done twice.
 */
export interface ProofTask {
  taskId: string;
  kind: ProofKind;
  rollupType: string;
  /** First and last batch that the proof covers. */
  firstBatch: number;
  lastBatch: number;
  /** sha256 of the task's description in the artifact store. */
  inputDigest: string;
}

/** A proof that the aggregator has checked and stored. */
export interface AcceptedProof {
  taskId: string;
  kind: ProofKind;
  firstBatch: number;
  lastBatch: number;
  /** sha256 of the proof's bytes in the artifact store. */
  proofDigest: string;
  /** Machine time that the proof took. */
  seconds: number;
}
