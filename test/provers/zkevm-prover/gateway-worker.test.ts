import { once } from 'node:events';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createProofGeneratorActivities } from '../../../activities/proving/create-proof-generator-activities.js';
import { createProverActivities } from '../../../activities/proving/create-prover-activities.js';
import type { ProofGeneratorActivities } from '../../../domain/proof-generator-activities.js';
import { createArtifactStore } from '../../../activities/storage/artifact-store.js';
import { createPool } from '../../../activities/storage/database.js';
import { createFinalProofStore } from '../../../activities/storage/final-proof-store.js';
import { grantProver, proverDatabaseUrl } from '../../../activities/storage/prover-roles.js';
import { createProverStore } from '../../../activities/storage/prover-store.js';
import { createZkevmProverBackend } from '../../../provers/gateways/polygon-zkevm/zkevm-prover-backend.js';
import { createGatewayWorker } from '../../../workers/gateway.js';
import { createIdleProverSlots } from '../../../activities/proving/slots/idle-prover-slots.js';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue, proverQueue, senderQueue } from '../../../domain/names.js';
import type { SequenceIdentity } from '../../../domain/sequence.js';
import { progressQuery } from '../../../workflows/messages.js';
import { sequenceWorkflow } from '../../../workflows/sequence-workflow.js';
import { zkevmType } from '../../rollup-types/zkevm-type.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../../support/temporal.js';
import { Model } from '../../workflows/model.js';
import { madeWithGo } from '../../support/made-with-go.js';
import { buildProverProgram } from './build-prover-program.js';
import {
  checkSeal,
  expectInStep,
  GENESIS,
  MINER,
  postedBatches,
  ROLLUP,
  startTestGateway,
  type TestGateway,
} from './support.js';
import { startTestProver } from './test-prover.js';

const builtProgram = madeWithGo(buildProverProgram);
let program: string;
let temporal: TestNamespace;
let database: TestDatabase;
let workflowBundle: WorkflowBundleWithSourceMap;
let gateways = 0;

beforeAll(async () => {
  temporal = await openTestNamespace();
  database = await openTestDatabase();
  const workflowsPath = fileURLToPath(new URL('../../../workflows/workflows.ts', import.meta.url));
  workflowBundle = await bundleWorkflowCode({ workflowsPath });
}, 600_000);
beforeEach((context) => {
  program = builtProgram(context);
});
afterAll(async () => {
  await temporal.close();
  await database.close();
});

/** Runs workers until the test has ended. */
async function runUntilTestEnds(worker: Worker): Promise<void> {
  const run = worker.run();
  onTestFinished(async () => {
    worker.shutdown();
    await run;
  });
}

/** A gateway with its worker, logged in as a machine of its own. */
async function startGatewayWorker(): Promise<TestGateway & { unfit: string[] }> {
  const gateway = await startTestGateway();
  const name = `gateway-${(gateways += 1)}`;
  const pool = createPool(proverDatabaseUrl(database.url, await grantProver(database.pool, name)), 2);
  onTestFinished(() => pool.end());
  const unfit: string[] = [];
  const slots = createIdleProverSlots(gateway.pool);
  const activities = createProverActivities({
    ...{ name, store: createProverStore(pool), backend: gateway.backend, slots: slots.proofs },
    onUnfit: (reason) => void unfit.push(reason),
  });
  const worker = await createGatewayWorker({
    ...{ connection: temporal.workerConnection, namespace: temporal.namespace, ...TEST_WORKER },
    ...{ taskQueue: proverQueue('zkevm', 'cpu'), slots, activities },
  });
  await runUntilTestEnds(worker);
  return { ...gateway, unfit };
}

/** An aggregator with real planning and checking, on a chain that is a model. */
async function startAggregator(sequence: SequenceIdentity, count: number): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-finals-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const checker = createZkevmProverBackend({ forkId: 9, verifyProof: checkSeal });
  const model = new Model();
  const generator = createProofGeneratorActivities({
    ...{ pool: database.pool, artifacts: createArtifactStore(database.pool) },
    finals: createFinalProofStore(database.pool, directory),
    source: {
      describe: async () => ({ rollupType: 'zkevm', proofSystem: 'zkevm-prover' }),
      genesis: async () => GENESIS,
      async *postedBatches(_sequence, firstBatch) {
        yield* postedBatches(count).slice(firstBatch - 1);
      },
    },
    findRollupType: () => zkevmType,
    findBackend: () => checker,
  });
  const acceptProof: ProofGeneratorActivities['acceptProof'] = async (request) => {
    const verdict = await generator.acceptProof(request);
    if (verdict.accepted?.kind === 'final') model.set({ finalProofStored: true });
    return verdict;
  };
  const describeRollup = async () => {
    return { rollupType: 'zkevm', proofSystem: 'zkevm-prover', stages: zkevmType.manifest };
  };
  const shared = { connection: temporal.workerConnection, namespace: temporal.namespace, ...TEST_WORKER };
  const chain = { ...model.chain, describeRollup };
  const taskQueue = AGGREGATOR_QUEUE;
  await runUntilTestEnds(
    await Worker.create({ ...shared, taskQueue, workflowBundle, activities: { ...generator, acceptProof } }),
  );
  await runUntilTestEnds(
    await Worker.create({ ...shared, taskQueue: chainQueue(sequence.chainId), activities: chain }),
  );
  await runUntilTestEnds(
    await Worker.create({ ...shared, taskQueue: chainWaitsQueue(sequence.chainId), activities: chain }),
  );
  await runUntilTestEnds(
    await Worker.create({ ...shared, taskQueue: senderQueue(sequence.chainId, MINER), activities: model.sender }),
  );
}

/** Sequences of a rollup that no other test knows. */
function newSequence(count: number): SequenceIdentity {
  const rollup = `0x${gateways.toString(16).padStart(40, 'a')}`;
  const accInputHash = postedBatches(count).at(-1)?.accInputHash ?? '0x';
  return { ...ROLLUP, rollup, firstBatch: 1, lastBatch: count, accInputHash };
}

describe('a gateway worker', () => {
  test('has a sequence proved by whoever dials in, also when one goes away and another lies', async () => {
    const gateway = await startGatewayWorker();
    const sequence = newSequence(5);
    await startAggregator(sequence, 5);
    const provers = [
      startTestProver(program, { port: gateway.port, name: 'steady' }),
      startTestProver(program, {
        port: gateway.port,
        name: 'flighty',
        behaviour: 'disconnect-after-get_proof_request',
      }),
      startTestProver(program, { port: gateway.port, name: 'liar', behaviour: 'false-proof' }),
    ];
    const handle = await temporal.client.workflow.start(sequenceWorkflow, {
      ...{ taskQueue: AGGREGATOR_QUEUE, workflowId: sequence.rollup, args: [{ sequence, miner: MINER }] },
    });
    expect(await handle.result()).toBe('rewarded');
    expect(await handle.query(progressQuery)).toMatchObject({
      proofs: { batch: { done: 5 }, aggregate: { done: 4 }, final: { done: 1 } },
    });
    // The liar was found out by the gateway: the aggregator has nothing against the gateway itself.
    expect(gateway.pool.provers().find(({ name }) => name === 'liar')?.state).toBe('set aside');
    expect(gateway.unfit).toEqual([]);
    provers.forEach(expectInStep);
  });

  test('asks for no task while no prover is idle', async () => {
    const gateway = await startGatewayWorker();
    const sequence = newSequence(2);
    await startAggregator(sequence, 2);
    const handle = await temporal.client.workflow.start(sequenceWorkflow, {
      ...{ taskQueue: AGGREGATOR_QUEUE, workflowId: sequence.rollup, args: [{ sequence, miner: MINER }] },
    });
    const pending = async () => {
      const { raw } = await handle.describe();
      const proving = raw.pendingActivities?.filter(({ activityType }) => activityType?.name === 'prove') ?? [];
      return proving.map(({ state }) => state);
    };
    const SCHEDULED = 1;
    const STARTED = 2;
    // Both batches wait: nobody has dialled in.
    await vi.waitFor(async () => expect(await pending()).toEqual([SCHEDULED, SCHEDULED]), { timeout: 20_000 });
    const prover = startTestProver(program, { port: gateway.port, behaviour: 'slow' });
    await prover.asked('get_proof_request');
    // One is being proved, the other is still the server's to give to somebody else.
    expect((await pending()).sort()).toEqual([SCHEDULED, STARTED]);
    await prover.tell('honest');
    await handle.result();
    expect(gateway.pool.provers()).toMatchObject([{ state: 'idle' }]);
    await prover.tell('disconnect');
    await once(gateway.pool.events, 'connected');
    expectInStep(prover);
  });
});
