import { z } from 'zod';
import { selectRow, selectRows, type Database } from './database.js';

/** A mining machine as the database knows it. */
export interface ProverRow {
  name: string;
  role: string;
  lastSeenAt: Date | null;
  /** Why nothing is taken from it any more; null for a machine in good standing. */
  setAsideFor: string | null;
}

const proverRow = z
  .object({
    name: z.string(),
    role: z.string(),
    last_seen_at: z.date().nullable(),
    set_aside_for: z.string().nullable(),
  })
  .transform((row): ProverRow => ({
    name: row.name,
    role: row.role,
    lastSeenAt: row.last_seen_at,
    setAsideFor: row.set_aside_for,
  }));

/** All machines that have a login. */
export async function selectProvers(db: Database): Promise<ProverRow[]> {
  return selectRows(
    db,
    proverRow,
    'SELECT name, role, last_seen_at, set_aside_for FROM provers WHERE removed_at IS NULL ORDER BY name',
  );
}

/** Adds a machine, one that was removed as well, or changes the role it logs in with. One that is set aside stays so. */
export async function upsertProver(db: Database, name: string, role: string): Promise<void> {
  await db.query(
    `INSERT INTO provers (name, role) VALUES ($1, $2)
     ON CONFLICT (name) DO UPDATE SET role = EXCLUDED.role, removed_at = NULL`,
    [name, role],
  );
}

/** Notes that a machine has no login any more; what it handed in stays. */
export async function markProverRemoved(db: Database, name: string): Promise<void> {
  await db.query('UPDATE provers SET removed_at = now() WHERE name = $1', [name]);
}

/** From now on the machine can neither fetch inputs nor add proofs; the first reason given stays. */
export async function setProverAside(db: Database, name: string, reason: string): Promise<void> {
  await db.query(
    'UPDATE provers SET set_aside_at = now(), set_aside_for = $2 WHERE name = $1 AND set_aside_at IS NULL',
    [name, reason],
  );
}

/** Takes a machine back that was set aside. */
export async function readmitProver(db: Database, name: string): Promise<void> {
  await db.query('UPDATE provers SET set_aside_at = NULL, set_aside_for = NULL WHERE name = $1', [name]);
}

/** A proof as a machine handed it in; the machine's name is that of its database role. */
export interface SubmittedProof {
  prover: string;
  seconds: number;
}

/** Who handed in this proof of this task. Of several machines that sent the same bytes, the first. */
export async function selectSubmittedProof(
  db: Database,
  taskId: string,
  proofDigest: string,
): Promise<SubmittedProof | null> {
  return selectRow(
    db,
    z.object({ prover: z.string(), seconds: z.number() }),
    'SELECT prover, seconds FROM submitted_proofs WHERE task_id = $1 AND proof_digest = $2 ORDER BY submitted_at LIMIT 1',
    [taskId, proofDigest],
  );
}

/** Marks what was handed in as refused, so that nobody finds it again. */
export async function refuseSubmittedProof(
  db: Database,
  taskId: string,
  proofDigest: string,
  reason: string,
): Promise<void> {
  await db.query('UPDATE submitted_proofs SET refused_for = $3 WHERE task_id = $1 AND proof_digest = $2', [
    taskId,
    proofDigest,
    reason,
  ]);
}
