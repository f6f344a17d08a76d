import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { getAddress } from 'ethers';
import { z } from 'zod';
import { createChainActivities } from '../activities/chain/create-chain-activities.js';
import { createChainReader, type ChainReader } from '../activities/chain/chain-reader.js';
import { createRollupDataSource } from '../activities/chain/rollup-data-source.js';
import { createSequenceViewReader } from '../activities/chain/sequence-view-reader.js';
import { createProofGeneratorActivities } from '../activities/proving/create-proof-generator-activities.js';
import { findRollupType } from '../activities/proving/rollup-types.js';
import { createStepRows } from '../activities/sender/step-rows.js';
import { upsertCircuits, type Circuit } from '../activities/storage/circuits.js';
import { createArtifactStore } from '../activities/storage/artifact-store.js';
import type { ProverBackend } from '../provers/prover-backend.js';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue } from '../workflows/domain/names.js';
import { connectTemporalClient, connectTemporalWorker } from './connect.js';
import { endpointProbe } from './telemetry/endpoint-probe.js';
import { earningsProbe } from './telemetry/earnings-probe.js';
import type { Logger } from './log.js';
import { minerPartsSettings, openMinerParts, type MinerParts } from './miner/miner-parts.js';
import { databaseProbe, queueProbe } from './telemetry/miner-probes.js';
import { backendFinder, openBackend } from './open-backend.js';
import { startProbes, type Probe } from './telemetry/probes.js';
import { minerPolicy, policySettings, unsetLimits } from './settings/policy-settings.js';
import { proofSystemProblems } from './settings/proof-system-problems.js';
import { startRetention } from './miner/retention.js';
import { runWorkers } from './run-workers.js';
import { settings } from './settings/settings-table.js';
import { readWorkerSettings } from './settings/settings.js';
import { startFollowers } from './miner/start-followers.js';
import { trustListener } from './miner/trust-listener.js';
import { submitPendingProof } from './miner/submit-pending-proof.js';
import { watchCertificate } from './telemetry/certificate-watch.js';
import { startTelemetry } from './telemetry/telemetry.js';
import { watchWindows } from './telemetry/window-watch.js';
import { createMachineActivities } from './machine-activities.js';
import { findWorkflowBundle } from './workflow-bundle.js';

/** Waits on the chain, at least one for each open sequence: many, and idle nearly all the time. */
const MAX_CHAIN_WAITS = 4_000;
/** Short reads of the chain: they decide reveals, so that nothing that waits may take their place. */
const MAX_CHAIN_READS = 200;
/** Checks of proofs and replays: work for a processor each. */
const MAX_CHECKS_AT_ONCE = 8;
const HOUR_MS = 3_600_000;

const aggregatorSettings = minerPartsSettings
  .extend(
    settings.pick({
      ...{ cache: true, miner: true, confirmations: true, marginBlocks: true, maxOpenSequences: true },
      ...{ prover: true, trustedSetup: true, retentionHours: true, rollupWeights: true },
    }).shape,
  )
  .extend(settings.pick({ proverCommand: true, forkId: true }).partial().shape)
  .extend(z.object(policySettings).partial().shape);
type AggregatorSettings = z.infer<typeof aggregatorSettings>;

/** Proof Generator and Proof Manager of one miner: its workflows, the chain's reader, planning and checking of proofs. */
export async function runAggregator(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const { given, temporal } = readWorkerSettings(env, aggregatorSettings, proofSystemProblems);
  const telemetry = startTelemetry('aggregator', log, env);
  watchCertificate(temporal, { metrics: telemetry.metrics, log });
  const say = (message: string): void => log.info(message);
  const make = env['NODE_ENV'] !== 'production';
  const codePath = await findWorkflowBundle({ cache: given.cache, make, traced: telemetry.tracesWorkflows, log: say });

  const parts = await openMinerParts(given, log);
  const closers: (() => unknown)[] = [() => parts.close()];
  try {
    const backend = await openBackend(given, say);
    closers.push(() => backend.close());
    await upsertCircuits(parts.pool, circuitsOf(backend));
    const reader = createChainReader({
      rpc: parts.rpc,
      pool: parts.pool,
      onProblem: (error) => log.warn({ error }, 'the chain cannot be read; tried again'),
    });
    const client = await connectTemporalClient(temporal, { interceptors: telemetry.clientInterceptors });
    closers.push(() => client.connection.close());
    const connection = await connectTemporalWorker(temporal);
    closers.push(() => connection.close());

    const namespace = temporal.namespace === undefined ? {} : { namespace: temporal.namespace };
    const shared = { connection, ...namespace, ...telemetry.workerOptions };
    const { chain, generator, windows } = createActivities(given, parts, { reader, backend, log });
    const workers = [
      await Worker.create({
        ...{ ...shared, taskQueue: AGGREGATOR_QUEUE, workflowBundle: { codePath } },
        activities: { ...generator, ...createMachineActivities(client) },
        ...{ maxConcurrentActivityTaskExecutions: MAX_CHECKS_AT_ONCE },
      }),
      await Worker.create({
        ...{ ...shared, taskQueue: chainQueue(given.chainId), activities: { ...chain } },
        maxConcurrentActivityTaskExecutions: MAX_CHAIN_READS,
      }),
      await Worker.create({
        ...{ ...shared, taskQueue: chainWaitsQueue(given.chainId), activities: { ...chain } },
        maxConcurrentActivityTaskExecutions: MAX_CHAIN_WAITS,
      }),
    ];
    const restored = await parts.finals.restoreFromFiles();
    if (restored > 0) log.info({ restored }, 'final proofs that only files held are back in the database');
    tellOfUnsetLimits(given, log);
    reader.start();
    closers.push(() => reader.stop());
    // The workers poll meanwhile: what runs already in Temporal must not wait for what has to be looked for.
    const taking = takeUpWork(client, given, parts, log);
    closers.push(() => taking.stop());
    const probes = startProbes([windows, endpointProbe(parts.endpoints), ...minerProbes(client, given, parts)], {
      ...{ telemetry, log },
    });
    closers.push(() => probes.stop());
    const settledForMs = given.retentionHours * HOUR_MS;
    const retention = startRetention({ ...parts, log, confirmations: given.confirmations, settledForMs });
    closers.push(() => retention.stop());
    await runWorkers(workers, { log, stop: taking.failed });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function createActivities(
  given: AggregatorSettings,
  parts: MinerParts,
  { reader, backend, log }: { reader: ChainReader; backend: ProverBackend; log: Logger },
) {
  const { pool, rpc, finals } = parts;
  const { confirmations, marginBlocks } = given;
  const steps = createStepRows(pool);
  const { views, probe: windows } = watchWindows(
    createSequenceViewReader({
      ...{ pool, reader, finals, steps, confirmations, marginBlocks },
      policyFor: (decimals) => minerPolicy(given, decimals),
      onTrust: trustListener(log),
    }),
  );
  return {
    windows,
    chain: createChainActivities({ pool, reader, views, findRollupType, weights: given.rollupWeights }),
    generator: createProofGeneratorActivities({
      ...{ pool, finals, findRollupType },
      artifacts: createArtifactStore(pool),
      source: createRollupDataSource(pool, rpc, findRollupType),
      findBackend: backendFinder(backend),
    }),
  };
}

function tellOfUnsetLimits(given: AggregatorSettings, log: Logger): void {
  const unset = unsetLimits(given);
  if (unset.length > 0) log.info({ unset }, 'without these limits commitments are made at any loss, window or reward');
}

/** Told to mining machines, so that they see beforehand whether they have the same. */
function circuitsOf(backend: ProverBackend): Circuit[] {
  const { proofSystem } = backend;
  const kinds = ['batch', 'aggregate', 'final'] as const;
  return kinds.map((kind) => ({ proofSystem, kind, circuitId: backend.circuitId(kind) }));
}

/** What is looked at for the metrics alone. */
function minerProbes(client: Client, given: AggregatorSettings, { pool, rpc }: MinerParts): Probe[] {
  const { chainId, confirmations } = given;
  const us = { chainId, miner: getAddress(given.miner) };
  return [databaseProbe(pool, us), queueProbe(client, pool, us), earningsProbe(rpc, pool, { ...us, confirmations })];
}

/**
 * What is done once at every start, beside all else: nothing of an earlier run may be forgotten.
 *
 * @returns `failed` fires, with the reason, if it cannot be done
 */
function takeUpWork(
  client: Client,
  { chainId, miner, maxOpenSequences }: AggregatorSettings,
  { pool, rpc }: MinerParts,
  log: Logger,
): { failed: AbortSignal; stop(): Promise<void> } {
  const failed = new AbortController();
  const us = { chainId, miner: getAddress(miner), maxOpenSequences };
  const pending = submitPendingProof({ client, db: pool, rpc, log }, us);
  const following = pending.commitmentsTaken
    .then(() => startFollowers(client, pool, us, log))
    .catch((error: unknown) => failed.abort(error));
  return {
    failed: failed.signal,
    async stop() {
      await pending.stop();
      await following;
    },
  };
}
