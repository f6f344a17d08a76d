import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import type { PlannedProof } from '../../domain/proof-generator-activities.js';
import { demoType } from '../../rollup-types/registry.js';
import { AGGREGATOR_QUEUE, proverQueue, sequenceWorkflowId } from '../../domain/names.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { startFollower } from '../../workers/miner/start-followers.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import { BENCH_MINER, BENCH_RULES } from './bench-rollup.js';
import type { BenchPlace, BenchServers } from './bench-servers.js';
import type { BenchWork } from './bench-work.js';
import { cpuSecondsOf } from './process-cpu.js';
import { startOwnPrograms, startProvers, type Programs } from './programs.js';
import { planBatches, tasksOf } from './without-temporal.js';
import { cpuBetween, waitForProofs, warmUpOf, type CpuSeconds, type WayOptions, type WayResult } from './way.js';
import type { batchProofsWorkflow } from './workflows/batch-proofs-workflow.js';

const POLL_MS = 50;

/** The product's aggregator and provers, running and waiting for work. */
export interface TemporalScene {
  servers: BenchServers;
  place: BenchPlace;
  aggregator: Programs;
  provers: Programs;
  close(): Promise<void>;
}

export async function openTemporalScene(options: WayOptions): Promise<TemporalScene> {
  const { servers, work, machines, slotsPerMachine, reach } = options;
  const place = await servers.openPlace();
  const aggregator = await startAggregator(servers, place, work);
  const { times } = work;
  const provers = await startProvers(servers, place, { machines, slotsPerMachine, times, reach });
  await waitForPollers(place, machines);
  return {
    ...{ servers, place, aggregator, provers },
    async close() {
      await provers.stop();
      await aggregator.stop();
      await place.close();
    },
  };
}

/** The work as the product does it. */
export async function runOnTemporal(options: WayOptions): Promise<WayResult> {
  const scene = await openTemporalScene(options);
  try {
    await runInScene(scene, warmUpOf(options));
    return await runInScene(scene, options);
  } finally {
    await scene.close();
  }
}

/** Has a work done by a scene that waits for it; it may be asked for several, of different rollups. */
export async function runInScene(scene: TemporalScene, { work, bound }: WayOptions): Promise<WayResult> {
  const { servers, place, provers } = scene;
  const { client } = place;
  const planned = work.folds ? [] : await planBatches(place.pool, work);
  const databasesBefore = servers.temporalBytes() + (await place.databaseBytes());
  const cpuBefore = cpuOf(scene);
  const startedAtMs = Date.now();
  if (work.folds) await followRollups(client, work);
  else await startBatchProofs(client, work, planned);
  const endedAtMs = await waitForProofs(place.pool, bound, startedAtMs);
  const cpu = cpuBetween(cpuBefore, cpuOf(scene));
  const historyBytes = await historyBytesOf(client, work.sequences);
  const databaseBytes = servers.temporalBytes() + (await place.databaseBytes()) - databasesBefore;
  const spans = provers.proofs(startedAtMs);
  return { startedAtMs, wallMs: endedAtMs - startedAtMs, spans, cpu, historyBytes, databaseBytes };
}

async function startAggregator(servers: BenchServers, place: BenchPlace, work: BenchWork): Promise<Programs> {
  const config = {
    databaseUrl: place.databaseUrl,
    temporalAddress: servers.temporalAddress,
    namespace: place.name,
    bundle: await bundleFor(servers),
    finalsDirectory: join(servers.home.directory, `${place.name}-finals`),
    inputBytes: work.inputBytes,
    sequences: work.sequences,
  };
  const file = new URL('./bench-aggregator.ts', import.meta.url);
  return startOwnPrograms(servers, file, [{ name: `${place.name}-aggregator`, config }]);
}

const bundles = new WeakMap<BenchServers, Promise<string>>();

/** All workflow code in one file, made once. */
function bundleFor(servers: BenchServers): Promise<string> {
  const known = bundles.get(servers) ?? makeBundle(join(servers.home.directory, 'workflows.js'));
  bundles.set(servers, known);
  return known;
}

async function makeBundle(path: string): Promise<string> {
  const workflowsPath = fileURLToPath(new URL('./workflows/bench-workflows.ts', import.meta.url));
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  writeFileSync(path, code);
  return path;
}

/** Every machine has asked for work. */
async function waitForPollers({ client, name }: BenchPlace, machines: number): Promise<void> {
  const queue = proverQueue(demoType.type.name, demoType.type.manifest.batch.hardwareClass);
  for (;;) {
    const { pollers } = await readTaskQueue(client.workflowService, name, queue);
    if (new Set(pollers).size >= machines) return;
    await delay(POLL_MS);
  }
}

/** As an aggregator does for every rollup that it follows. */
async function followRollups(client: Client, { sequences }: BenchWork): Promise<void> {
  for (const rollup of new Set(sequences.map((sequence) => sequence.rollup))) {
    const chainId = sequences[0]?.chainId ?? 0;
    const maxOpenSequences = sequences.length;
    await startFollower(client, { chainId, rollup, miner: BENCH_MINER, startBatch: 1, maxOpenSequences, after: null });
  }
}

export async function startBatchProofs(
  client: Client,
  { sequences }: BenchWork,
  planned: PlannedProof[],
): Promise<void> {
  for (const sequence of sequences) {
    await client.workflow.start<typeof batchProofsWorkflow>('batchProofsWorkflow', {
      workflowId: sequenceWorkflowId(sequence),
      taskQueue: AGGREGATOR_QUEUE,
      args: [{ sequence, miner: BENCH_MINER, rollup: BENCH_RULES, planned: tasksOf(sequence, planned) }],
    });
  }
}

/** Waits for the workflows' ends and adds up what the server keeps of them. */
async function historyBytesOf(client: Client, sequences: readonly SequenceIdentity[]): Promise<number> {
  let bytes = 0;
  for (const sequence of sequences) {
    const handle = client.workflow.getHandle(sequenceWorkflowId(sequence));
    await handle.result();
    const { raw } = await handle.describe();
    bytes += Number(raw.workflowExecutionInfo?.historySizeBytes ?? 0);
  }
  return bytes;
}

/** CPU time so far. */
export function cpuOf({
  servers,
  aggregator,
  provers,
}: Pick<TemporalScene, 'servers' | 'aggregator' | 'provers'>): CpuSeconds {
  return {
    servers: cpuSecondsOf([servers.temporal.pid, servers.postgres.pid]),
    aggregator: cpuSecondsOf(aggregator.pids),
    provers: cpuSecondsOf(provers.pids),
  };
}
