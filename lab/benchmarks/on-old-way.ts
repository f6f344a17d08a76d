import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createFinalProofStore } from '../../activities/storage/final-proof-store.js';
import type { ProofGeneratorActivities } from '../../domain/proof-generator-activities.js';
import type { ProofTask } from '../../domain/proof.js';
import { batchCount, type SequenceIdentity } from '../../domain/sequence.js';
import { createBenchGenerator } from './bench-generator.js';
import type { BenchPlace } from './bench-servers.js';
import type { BenchWork } from './bench-work.js';
import { createFolding } from './folding.js';
import { addOldWayTasks, createOldWayTable, takeOldWayProofs } from './old-way-tasks.js';
import { cpuSecondsOf } from './process-cpu.js';
import { startOtherProvers } from './other-provers.js';
import { cpuBetween, waitForProofs, type CpuSeconds, type WayOptions, type WayResult } from './way.js';
import { planBatches, runActivity, SILENT } from './without-temporal.js';

/** How often zkevm-node's aggregator looks: its RetryTime and its ProofStatePollingInterval. */
export const OLD_WAY_POLL_MS = 5_000;

/**
 * The work in the old way: one sequence after the other, everything found out by looking every so often, and no fold
 * before all batches of a sequence are proved. Proofs are made and checked by the same code as in the product.
 *
 * @param pollMs time between two looks
 */
export async function runOldWay(options: WayOptions, pollMs: number): Promise<WayResult> {
  const { servers, work, bound } = options;
  const place = await servers.openPlace();
  await createOldWayTable(place.pool);
  const provers = await startOtherProvers('old-way-prover', { ...options, place, pollMs });
  const generator = createBenchGenerator(
    place.pool,
    createFinalProofStore(place.pool, join(servers.home.directory, `${place.name}-finals`)),
    work.inputBytes,
  );
  const cpuNow = (): CpuSeconds => ({
    servers: cpuSecondsOf([servers.postgres.pid]),
    // It lives in this process, together with all that measures.
    aggregator: null,
    provers: cpuSecondsOf(provers.pids),
  });
  try {
    const bytesBefore = await place.databaseBytes();
    const cpuBefore = cpuNow();
    const startedAtMs = Date.now();
    for (const sequence of work.sequences) await proveSequence(place, generator, work, sequence, pollMs);
    const endedAtMs = await waitForProofs(place.pool, bound, startedAtMs);
    return {
      ...{ startedAtMs, wallMs: endedAtMs - startedAtMs, spans: provers.proofs(startedAtMs), historyBytes: 0 },
      cpu: cpuBetween(cpuBefore, cpuNow()),
      databaseBytes: (await place.databaseBytes()) - bytesBefore,
    };
  } finally {
    await provers.stop();
    await place.close();
  }
}

async function proveSequence(
  place: BenchPlace,
  generator: ProofGeneratorActivities,
  work: BenchWork,
  sequence: SequenceIdentity,
  pollMs: number,
): Promise<void> {
  const folding = createFolding(generator, sequence);
  const batches = await planBatches(place.pool, { ...work, sequences: [sequence] });
  await addOldWayTasks(
    place.pool,
    batches.map(({ task }) => task),
  );
  // What could be folded already waits for the last batch proof.
  const held: ProofTask[] = [];
  let batchesLeft = batchCount(sequence);
  for (let done = false; !done;) {
    await delay(pollMs);
    for (const { task, proven } of await takeOldWayProofs(place.pool)) {
      const verdict = await runActivity(SILENT, () => generator.acceptProof({ sequence, task, proven }));
      if (!verdict.accepted) throw new Error(verdict.reason);
      if (task.kind === 'batch') batchesLeft -= 1;
      if (task.kind === 'final') done = true;
      if (work.folds) held.push(...(await folding.next(verdict.accepted)));
      else done = batchesLeft === 0;
    }
    if (batchesLeft === 0) await addOldWayTasks(place.pool, held.splice(0));
  }
}
