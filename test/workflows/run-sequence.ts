import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  AGGREGATOR_QUEUE,
  chainQueue,
  chainWaitsQueue,
  proverQueue,
  senderQueue,
  sequenceWorkflowId,
} from '../../domain/names.js';
import { progressQuery } from '../../workflows/messages.js';
import { sequenceWorkflow } from '../../workflows/sequence-workflow.js';
import { recordHistory } from '../support/histories.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import { MINER, sequenceOf, type Model } from './model.js';

let temporal: TestNamespace;
let workflowBundle: WorkflowBundleWithSourceMap;
let sequences = 0;

/** For the tests of a file: a namespace of its own and the bundled workflows. */
export function setSequenceRuns(): void {
  beforeAll(async () => {
    temporal = await openTestNamespace();
    const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));
    workflowBundle = await bundleWorkflowCode({ workflowsPath });
  });
  afterAll(() => temporal.close());
}

/** The workflow of a sequence that runs. */
export function workflowOf(id: string) {
  return temporal.client.workflow.getHandle(id);
}

/** Runs one sequence of `batches` batches against a model, with a worker for each queue. */
export async function runSequence(
  model: Model,
  batches: number,
  during: (id: string) => Promise<void> = async () => {},
) {
  const first = (sequences += 100);
  const sequence = sequenceOf(first, first + batches - 1);
  const workflowId = sequenceWorkflowId(sequence);
  const { namespace, workerConnection: connection, client } = temporal;
  const shared = { connection, namespace, ...TEST_WORKER };
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: AGGREGATOR_QUEUE, workflowBundle, activities: model.generator }),
    Worker.create({ ...shared, taskQueue: chainQueue(1), activities: model.chain }),
    Worker.create({ ...shared, taskQueue: chainWaitsQueue(1), activities: model.chain }),
    Worker.create({ ...shared, taskQueue: proverQueue('model', 'cpu'), activities: model.prover }),
    Worker.create({ ...shared, taskQueue: senderQueue(1, MINER), activities: model.sender }),
  ]);
  const runs = workers.map((worker) => worker.run());
  try {
    const handle = await client.workflow.start(sequenceWorkflow, {
      taskQueue: AGGREGATOR_QUEUE,
      workflowId,
      args: [{ sequence, miner: MINER }],
    });
    await during(workflowId);
    const outcome = await handle.result();
    const history = await handle.fetchHistory();
    recordHistory(expect.getState().currentTestName?.replace(/^.* > /, '') ?? '', history);
    const metadata: { currentDetails?: string } = await handle.query('__temporal_workflow_metadata');
    const description = await handle.describe();
    const progress = await handle.query(progressQuery);
    return { outcome, first, progress, history, description, details: metadata.currentDetails };
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(runs);
  }
}
