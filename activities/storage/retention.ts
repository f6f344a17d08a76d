import type pg from 'pg';
import { z } from 'zod';
import type { RollupRef } from '../../domain/sequence.js';
import { inTransaction, selectRows, type Database } from './database.js';

/**
 * Marks the tasks of batches up to the last verified one as settled: no sequence that is still open holds such a batch. A
 * task that was marked and is not below it any more (a reorg) is unmarked.
 *
 * @param lastVerified as it stands at the confirmation depth
 */
export async function markSettledTasks(
  db: Database,
  { chainId, rollup }: RollupRef,
  lastVerified: number,
): Promise<void> {
  const values = [chainId, rollup, lastVerified];
  await db.query(
    `UPDATE proof_tasks SET settled_at = now()
     WHERE chain_id = $1 AND rollup = $2 AND last_batch <= $3 AND settled_at IS NULL`,
    values,
  );
  await db.query(
    `UPDATE proof_tasks SET settled_at = NULL
     WHERE chain_id = $1 AND rollup = $2 AND last_batch > $3 AND settled_at IS NOT NULL`,
    values,
  );
}

/** What was deleted. */
export interface Deleted {
  tasks: number;
  artifacts: number;
}

/**
 * Deletes tasks that have been settled for long enough, what was handed in for them, and of their inputs and proofs what
 * nothing else needs: an input that an open sequence shares stays, and every final proof. What a sequence might miss all
 * the same (it was planned in this very moment) is made again as any lost artifact is.
 *
 * @param limit tasks at most: one transaction must not hold others up
 */
export async function deleteExpiredTasks(
  pool: pg.Pool,
  { settledForMs, limit }: { settledForMs: number; limit: number },
): Promise<Deleted> {
  return inTransaction(pool, async (db) => {
    const due = await selectRows(
      db,
      expiredTask,
      `SELECT task_id, array_remove(ARRAY[input_digest, batch_input_digest, accepted_proof_digest] || ARRAY(
         SELECT proof_digest FROM submitted_proofs WHERE submitted_proofs.task_id = proof_tasks.task_id), NULL) AS digests
       FROM proof_tasks WHERE settled_at <= now() - $1 * interval '1 millisecond'
       ORDER BY settled_at LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [settledForMs, limit],
    );
    if (due.length === 0) return { tasks: 0, artifacts: 0 };
    await db.query('DELETE FROM proof_tasks WHERE task_id = ANY($1)', [due.map(({ task_id }) => task_id)]);
    const artifacts = await deleteUnneededArtifacts(
      db,
      due.flatMap(({ digests }) => digests),
    );
    return { tasks: due.length, artifacts };
  });
}

const expiredTask = z.object({ task_id: z.string(), digests: z.array(z.string()) });

/** @returns how many of them nothing needed */
export async function deleteUnneededArtifacts(db: Database, digests: readonly string[]): Promise<number> {
  const { rowCount } = await db.query(
    `DELETE FROM artifacts WHERE digest = ANY($1)
       AND NOT EXISTS (SELECT FROM proof_tasks WHERE input_digest = digest)
       AND NOT EXISTS (SELECT FROM proof_tasks WHERE batch_input_digest = digest)
       AND NOT EXISTS (SELECT FROM proof_tasks WHERE accepted_proof_digest = digest)
       AND NOT EXISTS (SELECT FROM submitted_proofs WHERE proof_digest = digest)
       AND NOT EXISTS (SELECT FROM final_proofs WHERE proof_digest = digest)`,
    [digests],
  );
  return rowCount ?? 0;
}
