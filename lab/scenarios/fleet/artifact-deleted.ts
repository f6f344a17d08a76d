import { z } from 'zod';
import { decodeTask } from '../../../activities/proving/task-description.js';
import { bytes, selectRow } from '../../../activities/storage/database.js';
import { deleteArtifact } from '../../../activities/storage/artifacts.js';
import type { Scenario } from '../scenario.js';
import { openFleet, type Fleet } from './fleet.js';
import { checkAllProved, taskLabel } from './proved.js';
import { until } from './waits.js';

const SECONDS = { batch: 1, aggregate: 1, final: 0.5 };

export const artifactDeleted: Scenario = {
  name: 'artifact-deleted',
  happens: 'in mid-run the input of one task, the description of another and an accepted proof are deleted',
  holds: 'only the task whose proof is gone is proved again; nothing else costs a proof',
  seeds: { full: 6, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const fleet = await openFleet(context);
    await fleet.addMachine({ name: 'm1', secondsByKind: SECONDS });
    await fleet.addMachine({ name: 'm2', secondsByKind: SECONDS });
    // One machine: work waits, so that there is something to delete.
    await fleet.machines[0]?.start();
    const last = (await fleet.post([random.between(3, 4), random.between(2, 3)])).at(-1);
    if (!last) throw new RangeError('nothing was posted');

    await until('all batches planned', async () => ((await countPlanned(fleet)) === last.lastBatch ? true : null));
    const input = await inputsOf(fleet, last.lastBatch);
    await deleteArtifact(fleet.miner.pool, input.input);
    const other = await inputsOf(fleet, last.firstBatch);
    await deleteArtifact(fleet.miner.pool, other.description);
    const spoiled = await until('an accepted proof that is still needed', () => deleteAcceptedProof(fleet));
    await fleet.machines[1]?.start();
    await fleet.untilVerified();

    const begun = fleet.machines.flatMap(({ program }) => program.ledger()).filter(({ event }) => event === 'begun');
    const times = new Map<string, number>();
    for (const line of begun) times.set(taskLabel(line), (times.get(taskLabel(line)) ?? 0) + 1);
    const repeated = [...times].filter(([, count]) => count > 1);
    checks.equal(repeated, [[spoiled, 2]], 'tasks that were proved more than once');
    return { spoiled, ...(await checkAllProved(context, fleet, [spoiled])) };
  },
};

const BATCH_TASKS = `SELECT count(*)::int AS count FROM proof_tasks WHERE kind = 'batch'`;

async function countPlanned({ miner }: Fleet): Promise<number> {
  const row = await selectRow(miner.pool, z.object({ count: z.number() }), BATCH_TASKS);
  return row?.count ?? 0;
}

/** What lies in the artifact store for a batch that is not proved yet. */
async function inputsOf({ miner }: Fleet, batch: number): Promise<{ description: string; input: string }> {
  const row = await selectRow(
    miner.pool,
    z.object({ digest: z.string(), bytes }),
    `SELECT digest, bytes FROM artifacts JOIN proof_tasks ON digest = input_digest
      WHERE kind = 'batch' AND first_batch = $1 AND accepted_at IS NULL`,
    [batch],
  );
  const description = row && decodeTask(row.bytes);
  if (!row || description?.kind !== 'batch') throw new Error(`batch ${batch} has no open task`);
  return { description: row.digest, input: description.input };
}

/** Of the batches accepted so far those that are the only ones of their sequence: none of them is folded yet. */
const SPOIL = `DELETE FROM artifacts USING proof_tasks task, unnest($1::int[], $2::int[]) AS sequence (first, last)
  WHERE digest = accepted_proof_digest AND kind = 'batch' AND first_batch BETWEEN sequence.first AND sequence.last
    AND NOT EXISTS (SELECT FROM proof_tasks other WHERE other.kind = 'batch' AND other.task_id <> task.task_id
      AND other.accepted_at IS NOT NULL AND other.first_batch BETWEEN sequence.first AND sequence.last)
  RETURNING first_batch`;

/**
 * Deletes the bytes of a batch proof that is accepted and will be folded.
 *
 * @returns its task, null while there is none
 */
async function deleteAcceptedProof({ miner, posted }: Fleet): Promise<string | null> {
  const row = await selectRow(miner.pool, z.object({ first_batch: z.coerce.number() }), SPOIL, [
    posted.map(({ firstBatch }) => firstBatch),
    posted.map(({ lastBatch }) => lastBatch),
  ]);
  return row && taskLabel({ kind: 'batch', firstBatch: row.first_batch, lastBatch: row.first_batch });
}
