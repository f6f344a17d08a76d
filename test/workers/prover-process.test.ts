import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { encodeTask, taskOf, type TaskDescription } from '../../activities/proving/task-description.js';
import { createArtifactStore } from '../../activities/storage/artifact-store.js';
import { upsertCircuits } from '../../activities/storage/circuits.js';
import { insertProofTask } from '../../activities/storage/proof-tasks.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import { proverQueue } from '../../domain/names.js';
import type { ProofTask } from '../../domain/proof.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { sampleStatement } from '../support/proof-samples.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import type { fanOut } from './fan-out.js';

const MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
const WORKFLOWS = 'workflows';
/** A process has to start, which takes a busy machine its time. */
const TEST_TIMEOUT_MS = 240_000;

let temporal: TestNamespace;
let database: TestDatabase;
let login: string;
let endWorkflows = (): Promise<void> => Promise.resolve();
beforeAll(async () => {
  temporal = await openTestNamespace();
  database = await openTestDatabase();
  login = proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig'));
  const workflowsPath = fileURLToPath(new URL('./fan-out.ts', import.meta.url));
  const { namespace, workerConnection: connection } = temporal;
  const workflowBundle = await bundleWorkflowCode({ workflowsPath });
  const worker = await Worker.create({ ...TEST_WORKER, connection, namespace, taskQueue: WORKFLOWS, workflowBundle });
  const run = worker.run();
  endWorkflows = async () => {
    worker.shutdown();
    await run;
  };
});
afterAll(async () => {
  await endWorkflows();
  await temporal.close();
  await database.close();
});

/** A mining machine as a process, whose batch proofs take so long. */
function startProver(batchSeconds: number): ChildProcessByStdio<null, Readable, null> {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'prover'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], TEMPORAL_ADDRESS: inject('temporalAddress') },
      ...{ TEMPORAL_NAMESPACE: temporal.namespace, DATABASE_URL: login, ZKPOW_PROVER: 'simulated' },
      ZKPOW_SIMULATED_SECONDS: `${batchSeconds},1,1`,
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdout.resume();
  return child;
}

/** A task as the aggregator plans it. */
async function planTask(batch: number): Promise<ProofTask> {
  const artifacts = createArtifactStore(database.pool);
  const statement = sampleStatement(batch, batch);
  const circuitId = createSimulatedBackend().circuitId('batch');
  const input = await artifacts.put(Buffer.from(`batch ${batch}`));
  const description: TaskDescription = { kind: 'batch', rollupType: 'transfers', circuitId, statement, input };
  await artifacts.put(encodeTask(description));
  await insertProofTask(database.pool, { ...taskOf(description), circuitId, statement, miner: null }, input);
  return taskOf(description);
}

/** Has a task proved, and resolves once a machine has it in hand. */
async function proveUntilInHand(batch: number) {
  const workflow = await temporal.client.workflow.start<typeof fanOut>('fanOut', {
    ...{ taskQueue: WORKFLOWS, workflowId: `batch-${batch}` },
    args: [proverQueue('transfers', 'cpu'), [{ task: await planTask(batch) }]],
  });
  // Its first heartbeat comes in the midst of the proof.
  const beat = async () => (await workflow.describe()).raw.pendingActivities?.[0]?.heartbeatDetails ?? null;
  await expect.poll(beat, { timeout: 180_000, interval: 200 }).not.toBeNull();
  return workflow;
}

test(
  'a prover that is told to end finishes the proof in hand and hands it in',
  async () => {
    const prover = startProver(8);
    const workflow = await proveUntilInHand(1);
    prover.kill('SIGTERM');
    expect(await workflow.result()).toEqual(['rig']);
    if (prover.exitCode === null) await once(prover, 'close');
    expect(prover.exitCode).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a prover that is told so twice hands the proof in hand back at once',
  async () => {
    const prover = startProver(3_600);
    const workflow = await proveUntilInHand(2);
    prover.kill('SIGTERM');
    prover.kill('SIGTERM');
    // The two may come as one: a person would ask again, too.
    const again = setInterval(() => prover.kill('SIGTERM'), 1_000);
    onTestFinished(() => clearInterval(again));
    expect(await workflow.result()).toEqual(['HandedBackError']);
    if (prover.exitCode === null) await once(prover, 'close');
    expect(prover.exitCode).toBe(0);
  },
  TEST_TIMEOUT_MS,
);

test(
  'a prover with other circuits than its miner takes no task before the miner has come to the same',
  async () => {
    const { proofSystem, circuitId } = createSimulatedBackend();
    const tell = (id: string) => upsertCircuits(database.pool, [{ proofSystem, kind: 'batch', circuitId: id }]);
    await tell('0xold');
    const lines = createInterface({ input: startProver(1).stdout });
    const said: string[] = [];
    lines.on('line', (line) => said.push(line));
    await expect.poll(() => said.join(), { timeout: 180_000 }).toContain('waiting for the aggregator');
    expect(said.join()).not.toContain('"msg":"running"');
    await tell(circuitId('batch'));
    await expect.poll(() => said.join(), { timeout: 180_000 }).toContain('"msg":"running"');
  },
  TEST_TIMEOUT_MS,
);
