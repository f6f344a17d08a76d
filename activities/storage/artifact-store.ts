import { createHash } from 'node:crypto';
import { deleteArtifact, selectArtifact, upsertArtifact } from './artifacts.js';
import type { Database } from './database.js';

/** Largest artifact: the inputs of one batch, or one proof. */
export const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024;

/** Bytes by their sha256. Postgres holds them; the interface leaves room for an object store. */
export interface ArtifactStore {
  /** @returns sha256 of the bytes in hexadecimal: the artifact's name from now on */
  put(content: Uint8Array): Promise<string>;
  /** @throws ArtifactLostError if it is missing, or its bytes are not what the name says */
  get(digest: string): Promise<Uint8Array>;
}

/**
 * An artifact is gone or damaged. What it was made from is still there: planning the sequence's proofs again puts
 * inputs back and finds or renews the proofs.
 */
export class ArtifactLostError extends Error {
  override readonly name = 'ArtifactLostError';
  constructor(
    readonly digest: string,
    problem: string,
  ) {
    super(`Artifact ${digest} ${problem}; it is made again when the sequence's proofs are planned afresh`);
  }
}

/** An artifact is larger than the store takes. */
export class ArtifactTooLargeError extends Error {
  override readonly name = 'ArtifactTooLargeError';
  constructor(size: number) {
    super(`An artifact of ${size} bytes is over the limit of ${MAX_ARTIFACT_BYTES} bytes: post smaller batches`);
  }
}

/** The miner's own artifact store. A damaged artifact is removed when it is read, so that it is made again. */
export function createArtifactStore(db: Database): ArtifactStore {
  return {
    async put(content) {
      if (content.length > MAX_ARTIFACT_BYTES) throw new ArtifactTooLargeError(content.length);
      const digest = sha256Hex(content);
      await upsertArtifact(db, digest, content);
      return digest;
    },

    async get(digest) {
      const content = await selectArtifact(db, digest);
      if (content && sha256Hex(content) === digest) return content;
      if (content) await deleteArtifact(db, digest);
      throw new ArtifactLostError(digest, describeLoss(digest, content));
    },
  };
}

/** What is wrong with the bytes that were found under a digest. */
export function describeLoss(digest: string, content: Uint8Array | null): string {
  if (!content) return 'is not in the database';
  return `is damaged: its ${content.length} bytes have the sha256 ${sha256Hex(content)}, not ${digest}`;
}

/** sha256 in lower-case hexadecimal without prefix, as artifacts and tasks are named. */
export function sha256Hex(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}
