import type { Hex, SequenceIdentity } from '../../workflows/domain/sequence.js';
import type { SequenceView } from '../../workflows/domain/sequence-view.js';

/** A `pg` pool or client, as far as statements are concerned. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** The proof that the contract verifies for one miner, as it lies in the store. */
export interface StoredFinalProof {
  proof: Uint8Array;
  /** keccak256(keccak256(proof) ++ miner): what a commit sends. */
  proofHash: Hex;
  newStateRoot: Hex;
  /** sha256 of the proof's bytes. */
  digest: string;
}

/** Where final proofs are kept. One that was committed to is never replaced. */
export interface FinalProofStore {
  /** The proof to commit to or, once committed, the committed one; null if it is missing or its bytes are lost. */
  load(sequence: SequenceIdentity, miner: string): Promise<StoredFinalProof | null>;
  /** From now on the proof with this digest is the committed one. Returns when that is durable. */
  markCommitted(sequence: SequenceIdentity, miner: string, digest: string): Promise<void>;
}

/** What the referee looks at; the same reading as the workflows use. */
export interface SequenceReader {
  readView(sequence: SequenceIdentity, miner: string): Promise<SequenceView>;
}
