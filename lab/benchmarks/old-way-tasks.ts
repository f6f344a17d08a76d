import { z } from 'zod';
import { selectRow, selectRows, type Database } from '../../activities/storage/database.js';
import type { ProvenTask } from '../../domain/proof-generator-activities.js';
import type { ProofTask } from '../../domain/proof.js';
import { checkJob, proveJob } from './job-queue.js';

/** The table that aggregator and provers of the old way look into, again and again. */
export async function createOldWayTable(db: Database): Promise<void> {
  await db.query(
    `CREATE TABLE old_way_tasks (
       position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
       task       jsonb NOT NULL,
       claimed_by text,
       proven     jsonb
     )`,
  );
}

export async function addOldWayTasks(db: Database, tasks: readonly ProofTask[]): Promise<void> {
  for (const task of tasks) await db.query('INSERT INTO old_way_tasks (task) VALUES ($1)', [JSON.stringify(task)]);
}

const claimed = z.object({ position: z.string(), task: proveJob.shape.task });

/** The oldest task that nobody has, if there is one. */
export async function claimOldWayTask(db: Database, machine: string): Promise<z.infer<typeof claimed> | null> {
  return selectRow(
    db,
    claimed,
    `UPDATE old_way_tasks SET claimed_by = $1 WHERE position = (
       SELECT position FROM old_way_tasks WHERE claimed_by IS NULL ORDER BY position LIMIT 1 FOR UPDATE SKIP LOCKED)
     RETURNING position, task`,
    [machine],
  );
}

export async function finishOldWayTask(db: Database, position: string, proven: ProvenTask): Promise<void> {
  await db.query('UPDATE old_way_tasks SET proven = $2 WHERE position = $1', [position, JSON.stringify(proven)]);
}

const finished = z.object({ task: proveJob.shape.task, proven: checkJob.shape.proven });

/** Takes what was finished since the last look out of the table. */
export async function takeOldWayProofs(db: Database): Promise<z.infer<typeof finished>[]> {
  return selectRows(db, finished, 'DELETE FROM old_way_tasks WHERE proven IS NOT NULL RETURNING task, proven');
}
