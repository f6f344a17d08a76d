import { join } from 'node:path';
import { makeWorkerUtils, type WorkerUtils } from 'graphile-worker';
import type { PlannedProof } from '../../domain/proof-generator-activities.js';
import type { BenchPlace } from './bench-servers.js';
import { CHECKS, priorityOf, PROOFS, QUIET } from './job-queue.js';
import { startOtherProvers } from './other-provers.js';
import { cpuSecondsOf } from './process-cpu.js';
import { startOwnPrograms, type Programs } from './programs.js';
import { cpuBetween, waitForProofs, warmUpOf, type CpuSeconds, type WayOptions, type WayResult } from './way.js';
import { planBatches, tasksOf } from './without-temporal.js';
import type { BenchWork } from './bench-work.js';

/**
 * The work by graphile-worker, a plain job queue in the same Postgres: the same provers' and aggregator's code in as many
 * processes, the same order of tasks, folds as soon as both proofs exist. What can be done next is remembered by the
 * aggregator's process alone: nothing is durable but jobs and proofs.
 */
export async function runOnJobQueue(options: WayOptions): Promise<WayResult> {
  const { servers, work, bound } = options;
  const place = await servers.openPlace();
  const checks = await openQueue(place, CHECKS);
  const proofs = await openQueue(place, PROOFS);
  const planned = work.folds ? [] : await planBatches(place.pool, work);
  const aggregator = await startAggregator(options, place);
  const provers = await startOtherProvers('queue-prover', { ...options, place, pollMs: 0 });
  const cpuNow = (): CpuSeconds => ({
    servers: cpuSecondsOf([servers.postgres.pid]),
    aggregator: cpuSecondsOf(aggregator.pids),
    provers: cpuSecondsOf(provers.pids),
  });
  try {
    const warmUp = warmUpOf(options);
    const warmUpAtMs = Date.now();
    await addBatchProofs(proofs, warmUp.work, await planBatches(place.pool, warmUp.work));
    await waitForProofs(place.pool, warmUp.bound, warmUpAtMs);
    const bytesBefore = await place.databaseBytes();
    const cpuBefore = cpuNow();
    const startedAtMs = Date.now();
    if (work.folds) await addPlans(checks, work);
    else await addBatchProofs(proofs, work, planned);
    const endedAtMs = await waitForProofs(place.pool, bound, startedAtMs);
    const cpu = cpuBetween(cpuBefore, cpuNow());
    const databaseBytes = (await place.databaseBytes()) - bytesBefore;
    const wallMs = endedAtMs - startedAtMs;
    return { startedAtMs, wallMs, spans: provers.proofs(startedAtMs), cpu, historyBytes: 0, databaseBytes };
  } finally {
    await provers.stop();
    await aggregator.stop();
    await checks.release();
    await proofs.release();
    await place.close();
  }
}

async function openQueue({ databaseUrl }: BenchPlace, schema: string): Promise<WorkerUtils> {
  const queue = await makeWorkerUtils({ connectionString: databaseUrl, schema, logger: QUIET });
  await queue.migrate();
  return queue;
}

function startAggregator({ servers, work }: WayOptions, place: BenchPlace): Promise<Programs> {
  const finalsDirectory = join(servers.home.directory, `${place.name}-finals`);
  const config = { databaseUrl: place.databaseUrl, finalsDirectory, inputBytes: work.inputBytes };
  const file = new URL('./queue-aggregator.ts', import.meta.url);
  return startOwnPrograms(servers, file, [{ name: `${place.name}-aggregator`, config }]);
}

async function addPlans(checks: WorkerUtils, { sequences, folds }: BenchWork): Promise<void> {
  await checks.addJobs(
    sequences.map((sequence) => ({
      identifier: 'plan',
      payload: { sequence, folds },
      priority: sequence.firstBatch,
    })),
  );
}

async function addBatchProofs(
  proofs: WorkerUtils,
  { sequences, folds }: BenchWork,
  planned: PlannedProof[],
): Promise<void> {
  await proofs.addJobs(
    sequences.flatMap((sequence) =>
      tasksOf(sequence, planned).map(({ task }) => ({
        identifier: 'prove',
        payload: { sequence, folds, task },
        priority: priorityOf(task, sequence.firstBatch),
      })),
    ),
  );
}
