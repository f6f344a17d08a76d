import { z } from 'zod';
import { safeInteger, selectRows } from '../../../activities/storage/database.js';
import { proofKind } from '../../../activities/storage/proof-tasks.js';
import { batchCount } from '../../../domain/sequence.js';
import { checkNoPenalty } from '../outcome.js';
import { readRollupRecord } from '../rollup-record.js';
import type { Figures, ScenarioContext } from '../scenario.js';
import type { Fleet } from './fleet.js';
import type { LedgerLine } from './machine-program.js';

const taskRow = z.object({
  task_id: z.string(),
  kind: proofKind,
  first_batch: safeInteger,
  last_batch: safeInteger,
  accepted_prover: z.string().nullable(),
  submitted: z.array(z.object({ prover: z.string(), at: z.coerce.date(), refused_for: z.string().nullable() })),
});
/** A task with all proofs that were handed in for it, the first one first. */
export type TaskRow = z.infer<typeof taskRow>;

const TASKS = `SELECT task_id, kind, first_batch, last_batch, accepted_prover,
    coalesce((SELECT json_agg(json_build_object('prover', prover, 'at', submitted_at, 'refused_for', refused_for)
        ORDER BY submitted_at) FROM submitted_proofs s WHERE s.task_id = t.task_id), '[]') AS submitted
  FROM proof_tasks t ORDER BY first_batch, last_batch, kind`;

export async function readTasks({ miner }: Fleet): Promise<TaskRow[]> {
  return selectRows(miner.pool, taskRow, TASKS);
}

/** As the programs name their tasks in their ledgers. */
export function taskLabel(task: { kind: string; firstBatch: number; lastBatch: number }): string {
  return `${task.kind} ${task.firstBatch}-${task.lastBatch}`;
}

export function labelOf({ kind, first_batch, last_batch }: TaskRow): string {
  return taskLabel({ kind, firstBatch: first_batch, lastBatch: last_batch });
}

/** @returns how many sequences have their final proof */
export async function countFinalProofs({ miner }: Fleet): Promise<number> {
  const [row] = await selectRows(
    miner.pool,
    z.object({ count: safeInteger }),
    'SELECT count(DISTINCT first_batch) FROM final_proofs',
  );
  return row?.count ?? 0;
}

/**
 * Holds the outcome that every fleet scenario has to have: all sequences verified on the chain without a penalty, each
 * task proved, and none begun again once a good proof of it had been handed in.
 *
 * @param spoiled tasks whose finished proof was destroyed on purpose: those may be proved once more
 */
export async function checkAllProved(
  { checks }: ScenarioContext,
  fleet: Fleet,
  spoiled: readonly string[] = [],
): Promise<Figures> {
  const { field, posted, miner } = fleet;
  const record = await readRollupRecord(field.chain, field.rollup);
  const ranges = posted.map(({ firstBatch, lastBatch }) => [firstBatch, lastBatch]);
  checks.equal(
    record.verified.map(({ firstBatch, lastBatch }) => [firstBatch, lastBatch]),
    ranges,
    'verified batches',
  );
  checkNoPenalty(record, checks, [miner]);

  const tasks = await readTasks(fleet);
  const needed = posted.reduce((sum, sequence) => sum + 2 * batchCount(sequence), 0);
  checks.equal(tasks.length, needed, 'tasks: n batches, n - 1 folds and a final proof a sequence');
  const unproved = tasks.filter(({ accepted_prover }) => accepted_prover === null).map(labelOf);
  checks.equal(unproved, [], 'tasks without an accepted proof');
  checks.equal(await countFinalProofs(fleet), posted.length, 'sequences with a final proof');

  const ledger = fleet.machines.flatMap(({ program }) => program.ledger());
  const begun = ledger.filter(({ event }) => event === 'begun');
  const again = provedAgain(tasks, begun).filter((line) => !spoiled.includes(taskLabel(line)));
  checks.must(again.length === 0, 'no finished task is proved again', again);
  return { tasks: tasks.length, provingsBegun: begun.length, finishedTasksProvedAgain: again.length };
}

/** Proofs that were begun when a good proof of the same task had been handed in. */
export function provedAgain(tasks: readonly TaskRow[], begun: readonly LedgerLine[]): LedgerLine[] {
  return begun.filter((line) => {
    const task = tasks.find((row) => labelOf(row) === taskLabel(line));
    const done = task?.submitted.find(({ refused_for }) => refused_for === null);
    return done !== undefined && line.at > done.at.getTime();
  });
}
