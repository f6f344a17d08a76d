import type pg from 'pg';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import { artifactIsSound, selectArtifact, upsertArtifact } from './artifacts.js';
import { sha256Hex } from './artifact-store.js';
import { inTransaction } from './database.js';
import {
  deleteFinalProofFile,
  listFinalProofFiles,
  readFinalProofFile,
  writeFinalProofFile,
  type FinalProofFile,
} from './final-proof-files.js';
import {
  deleteSettledFinalProof,
  insertFinalProof,
  markFinalProofCommitted,
  markFinalProofUnfit,
  selectFinalProofs,
  selectKnownFinalProofs,
  type FinalProof,
} from './final-proofs.js';
import { deleteUnneededArtifacts } from './retention.js';

/**
 * Final proofs, each in Postgres and in a file. They are randomised: one that is lost after its hash was committed
 * cannot be made again, so none is ever replaced; a newer one lies beside it.
 */
export interface FinalProofStore {
  /** Returns once the proof is durable in the database and, where this process keeps files, in its file. */
  add(final: FinalProofFile): Promise<void>;
  /** The newest proof that may serve a new round: its bytes are there and nothing speaks against it. */
  newestFit(sequence: SequenceIdentity, miner: string): Promise<FinalProof | null>;
  /** All proofs of a sequence for a miner, the newest first; bytes may be missing. */
  list(sequence: SequenceIdentity, miner: string): Promise<FinalProof[]>;
  /** Keeps a proof from serving a new round. The first reason stays. */
  markUnfit(proofDigest: string, reason: string): Promise<void>;
  /** From now on the proof can be neither replaced nor deleted: to be called before its hash is signed. */
  markCommitted(proofDigest: string): Promise<void>;
  /** The proof behind a commitment, if its bytes are there. */
  committedTo(sequence: SequenceIdentity, miner: string, proofHash: Hex): Promise<FinalProof | null>;
  /** The bytes, restored from the file where the database lost them; null when both did. */
  bytes(proofDigest: string): Promise<Uint8Array | null>;
  /** Deletes a settled proof in file and database; one that is not settled stays. Whether it was there. */
  deleteSettled(proofDigest: string): Promise<boolean>;
  /** Puts back into the database what only files hold, after an older database was restored. */
  restoreFromFiles(): Promise<number>;
}

/** @param directory where this process keeps final proofs; null on a machine that keeps none (a remote sender) */
export function createFinalProofStore(pool: pg.Pool, directory: string | null): FinalProofStore {
  async function bytes(proofDigest: string): Promise<Uint8Array | null> {
    const stored = await selectArtifact(pool, proofDigest);
    if (stored && sha256Hex(stored) === proofDigest) return stored;
    const file = directory === null ? null : await readFinalProofFile(directory, proofDigest);
    if (!file) return null;
    await upsertArtifact(pool, proofDigest, file.proof);
    return file.proof;
  }

  async function isSound({ proofDigest }: FinalProof): Promise<boolean> {
    return (await artifactIsSound(pool, proofDigest)) || (await bytes(proofDigest)) !== null;
  }

  return {
    bytes,
    list: (sequence, miner) => selectFinalProofs(pool, sequence, miner),
    markUnfit: (proofDigest, reason) => markFinalProofUnfit(pool, proofDigest, reason),
    markCommitted: (proofDigest) => markFinalProofCommitted(pool, proofDigest),

    async add(final) {
      // The file first: a row whose file is missing would look safer than it is.
      if (directory !== null) await writeFinalProofFile(directory, final);
      await inTransaction(pool, async (db) => {
        await upsertArtifact(db, final.proofDigest, final.proof);
        await insertFinalProof(db, { ...final, committed: false, unfitReason: null });
      });
    },

    async newestFit(sequence, miner) {
      for (const final of await selectFinalProofs(pool, sequence, miner)) {
        // One whose bytes this process cannot find is not condemned: another has other files, and they may come back.
        if (final.unfitReason === null && (await isSound(final))) return final;
      }
      return null;
    },

    async committedTo(sequence, miner, proofHash) {
      const finals = await selectFinalProofs(pool, sequence, miner);
      const committed = finals.find((final) => final.proofHash === proofHash);
      return committed && (await isSound(committed)) ? committed : null;
    },

    deleteSettled: (proofDigest) => deleteSettled(pool, directory, proofDigest),

    async restoreFromFiles() {
      if (directory === null) return 0;
      let restored = 0;
      const digests = await listFinalProofFiles(directory);
      const known = await selectKnownFinalProofs(pool, digests);
      for (const digest of digests.filter((one) => !known.has(one))) {
        const file = await readFinalProofFile(directory, digest);
        if (!file) continue;
        await upsertArtifact(pool, digest, file.proof);
        // Whether it was committed to is not known here: it is kept as if it were.
        await insertFinalProof(pool, { ...file, committed: true, unfitReason: null });
        restored += 1;
      }
      return restored;
    },
  };
}

async function deleteSettled(pool: pg.Pool, directory: string | null, proofDigest: string): Promise<boolean> {
  const deleted = await inTransaction(pool, async (db) => {
    if (!(await deleteSettledFinalProof(db, proofDigest))) return false;
    // Within the transaction, so that no start in between puts the row back from the file. Where this fails the row
    // stays; where the commit fails after it the bytes are in the database still.
    if (directory !== null) await deleteFinalProofFile(directory, proofDigest);
    return true;
  });
  if (deleted) await deleteUnneededArtifacts(pool, [proofDigest]);
  return deleted;
}
