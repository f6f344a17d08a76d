import { z } from 'zod';
import type { AcceptedProof, ProofKind, ProofTask, Statement } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { hex, safeInteger, selectRow, selectRows, type Database } from './database.js';

/** A proof task with all that is known of it, and the proof taken for it if there is one. */
export interface ProofTaskRow extends ProofTask {
  circuitId: string;
  statement: Statement;
  /** Address a final proof is bound to; null for the other kinds. */
  miner: string | null;
  accepted: AcceptedProof | null;
}

/** A statement as it lies in a `jsonb` column. */
export const statementColumn: z.ZodType<Statement> = z.object({
  chainId: z.number().int(),
  rollup: z.string(),
  firstBatch: z.number().int(),
  lastBatch: z.number().int(),
  oldStateRoot: hex,
  newStateRoot: hex,
  oldAccInputHash: hex,
  newAccInputHash: hex,
});

export const proofKind = z.enum(['batch', 'aggregate', 'final']) satisfies z.ZodType<ProofKind>;

const taskRow = z
  .object({
    task_id: z.string(),
    kind: proofKind,
    rollup_type: z.string(),
    circuit_id: z.string(),
    first_batch: safeInteger,
    last_batch: safeInteger,
    statement: statementColumn,
    miner: z.string().nullable(),
    input_digest: z.string(),
    accepted_proof_digest: z.string().nullable(),
    accepted_seconds: z.number().nullable(),
  })
  .transform((row): ProofTaskRow => {
    const { task_id: taskId, kind, first_batch: firstBatch, last_batch: lastBatch } = row;
    const { accepted_proof_digest: proofDigest, accepted_seconds: seconds } = row;
    const accepted = proofDigest && { taskId, kind, firstBatch, lastBatch, proofDigest, seconds: seconds ?? 0 };
    return {
      taskId,
      kind,
      rollupType: row.rollup_type,
      circuitId: row.circuit_id,
      firstBatch,
      lastBatch,
      statement: row.statement,
      miner: row.miner,
      inputDigest: row.input_digest,
      accepted: accepted || null,
    };
  });

/**
 * Adds a task; one that is there already stays as it is, with its proof.
 *
 * @param batchInput digest of the inputs of a batch; null for the other kinds, which have proofs for inputs
 */
export async function insertProofTask(
  db: Database,
  task: Omit<ProofTaskRow, 'accepted'>,
  batchInput: string | null,
): Promise<void> {
  const { statement } = task;
  await db.query(
    `INSERT INTO proof_tasks
       (task_id, kind, rollup_type, circuit_id, chain_id, rollup, first_batch, last_batch, statement, miner, input_digest,
        batch_input_digest)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     ON CONFLICT (task_id) DO NOTHING`,
    [
      task.taskId,
      task.kind,
      task.rollupType,
      task.circuitId,
      statement.chainId,
      statement.rollup,
      task.firstBatch,
      task.lastBatch,
      JSON.stringify(statement),
      task.miner,
      task.inputDigest,
      batchInput,
    ],
  );
}

export async function selectProofTask(db: Database, taskId: string): Promise<ProofTaskRow | null> {
  return selectRow(db, taskRow, 'SELECT * FROM proof_tasks WHERE task_id = $1', [taskId]);
}

/** Tasks of single batches within a sequence, made for one circuit, lowest batch first. */
export async function selectBatchTasks(
  db: Database,
  { chainId, rollup, firstBatch, lastBatch }: Omit<SequenceIdentity, 'accInputHash'>,
  circuitId: string,
): Promise<ProofTaskRow[]> {
  return selectRows(
    db,
    taskRow,
    `SELECT * FROM proof_tasks
     WHERE chain_id = $1 AND rollup = $2 AND kind = 'batch' AND circuit_id = $3 AND first_batch BETWEEN $4 AND $5
     ORDER BY first_batch`,
    [chainId, rollup, circuitId, firstBatch, lastBatch],
  );
}

/**
 * Takes a proof for a task, unless one was taken before.
 *
 * @returns the proof that counts: the first one taken
 */
export async function acceptTaskProof(
  db: Database,
  { taskId, proofDigest, prover, seconds }: { taskId: string; proofDigest: string; prover: string; seconds: number },
): Promise<AcceptedProof> {
  await db.query(
    `UPDATE proof_tasks
     SET accepted_proof_digest = $2, accepted_prover = $3, accepted_seconds = $4, accepted_at = now()
     WHERE task_id = $1 AND accepted_proof_digest IS NULL`,
    [taskId, proofDigest, prover, seconds],
  );
  const row = await selectProofTask(db, taskId);
  if (!row?.accepted) throw new Error(`Proof task ${taskId} is not in the database: plan it before its proof is taken`);
  return row.accepted;
}

/** Forgets an accepted proof whose bytes are lost, so that the task is done again. Only for proofs that can be. */
export async function forgetTaskProof(db: Database, taskId: string, proofDigest: string): Promise<void> {
  await db.query(
    `UPDATE proof_tasks
     SET accepted_proof_digest = NULL, accepted_prover = NULL, accepted_seconds = NULL, accepted_at = NULL
     WHERE task_id = $1 AND accepted_proof_digest = $2 AND kind <> 'final'`,
    [taskId, proofDigest],
  );
}
