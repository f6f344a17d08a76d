import { z } from 'zod';
import { bytes, selectRow, type Database } from './database.js';

/** Stores bytes under their sha256, and mends a row whose bytes went bad. */
export async function upsertArtifact(db: Database, digest: string, content: Uint8Array): Promise<void> {
  await db.query(
    `INSERT INTO artifacts (digest, bytes) VALUES ($1, $2)
     ON CONFLICT (digest) DO UPDATE SET bytes = EXCLUDED.bytes
       WHERE encode(sha256(artifacts.bytes), 'hex') <> artifacts.digest`,
    [digest, Buffer.from(content)],
  );
}

export async function selectArtifact(db: Database, digest: string): Promise<Uint8Array | null> {
  const row = await selectRow(db, z.object({ bytes }), 'SELECT bytes FROM artifacts WHERE digest = $1', [digest]);
  return row?.bytes ?? null;
}

/** Whether the artifact is there with the bytes its name says. */
export async function artifactIsSound(db: Database, digest: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `SELECT FROM artifacts WHERE digest = $1 AND encode(sha256(bytes), 'hex') = digest`,
    [digest],
  );
  return rowCount === 1;
}

export async function deleteArtifact(db: Database, digest: string): Promise<void> {
  await db.query('DELETE FROM artifacts WHERE digest = $1', [digest]);
}
