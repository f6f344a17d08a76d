import type pg from 'pg';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import { markFinalProofCommitted, type FinalProof } from '../storage/final-proofs.js';
import type { SenderFinalProofs, StoredFinalProof } from './ports.js';

/** The sender's view of the store of final proofs. */
export function createSenderFinalProofs(store: FinalProofStore, pool: pg.Pool): SenderFinalProofs {
  async function withBytes(final: FinalProof | null): Promise<StoredFinalProof | null> {
    const proof = final && (await store.bytes(final.proofDigest));
    if (!final || !proof) return null;
    return { proof, proofHash: final.proofHash, statement: final.statement, digest: final.proofDigest };
  }

  return {
    toCommit: async (sequence, miner) => withBytes(await store.newestFit(sequence, miner)),
    committedTo: async (sequence, miner, hash) => withBytes(await store.committedTo(sequence, miner, hash)),
    markCommitted: (digest) => markFinalProofCommitted(pool, digest),
  };
}
