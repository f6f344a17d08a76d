import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import type { SequenceView } from '../../domain/sequence-view.js';
import type { Statement } from '../../domain/proof.js';

/** A `pg` pool or client, as far as statements are concerned. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** The proof that the contract verifies for one miner, as it lies in the store. */
export interface StoredFinalProof {
  proof: Uint8Array;
  /** keccak256(keccak256(proof) ++ miner): what a commit sends. */
  proofHash: Hex;
  /** What the proof says, for the miner it is bound to. */
  statement: Statement;
  /** sha256 of the proof's bytes. */
  digest: string;
}

/** Final proofs as the sender needs them. One that was committed to is never replaced. */
export interface SenderFinalProofs {
  /** The newest proof that may be committed to; null where there is none whose bytes are there. */
  toCommit(sequence: SequenceIdentity, miner: string): Promise<StoredFinalProof | null>;
  /** The proof behind a commitment; null where its bytes are lost. */
  committedTo(sequence: SequenceIdentity, miner: string, proofHash: Hex): Promise<StoredFinalProof | null>;
  /** From now on the proof is kept as it is. Returns when that is durable. */
  markCommitted(digest: string): Promise<void>;
}

/** What the referee looks at; the same reading as the workflows use. */
export interface SequenceReader {
  readView(sequence: SequenceIdentity, miner: string): Promise<SequenceView>;
}
