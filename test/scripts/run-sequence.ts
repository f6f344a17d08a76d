import { expect } from 'vitest';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import {
  AGGREGATOR_QUEUE,
  chainQueue,
  chainWaitsQueue,
  proverQueue,
  senderQueue,
  sequenceWorkflowId,
} from '../../domain/names.js';
import type { ProofTask } from '../../domain/proof.js';
import { sequenceSearchAttributes } from '../../domain/search-attributes.js';
import type { SequenceView } from '../../domain/sequence-view.js';
import { sequenceWorkflow } from '../../workflows/sequence-workflow.js';
import { TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import { MINER, Model, sequenceOf } from '../workflows/model.js';

/** A machine of the model: its name, its class, and what it does with a task. */
export type Prove = (task: ProofTask) => Promise<void>;

export interface RunOptions {
  cpu: Prove;
  gpu?: Prove;
  spillAfterMs?: number;
  /** What the chain says at first. */
  view?: Partial<SequenceView>;
}

/** Where a sequence is run, and its first batch. */
interface Place {
  temporal: TestNamespace;
  workflowBundle: WorkflowBundleWithSourceMap;
  first: number;
}

/** Runs one sequence against a model whose provers are given; ends when the sequence has. */
export async function runSequence(
  { temporal, workflowBundle, first }: Place,
  batches: number,
  { spillAfterMs, view, ...provers }: RunOptions,
  during: (id: string) => Promise<void>,
) {
  const model = new Model();
  const sequence = sequenceOf(first, first + batches - 1);
  // Tasks are named by a digest; here by letters that no other sequence has.
  const idOf = (label: string) => Buffer.from(`${first} ${label}`).toString('hex');
  if (view) model.set(view);
  if (spillAfterMs !== undefined) {
    const { describeRollup } = model.chain;
    model.chain.describeRollup = async (asked) => {
      const rollup = await describeRollup(asked);
      const spillOver = { hardwareClass: 'gpu', afterMs: spillAfterMs, afterFailures: [] } as const;
      return { ...rollup, stages: { ...rollup.stages, batch: { ...rollup.stages.batch, spillOver } } };
    };
  }
  const { planBatchProofs } = model.generator;
  model.generator.planBatchProofs = async (asked) =>
    (await planBatchProofs(asked)).map((plan) => ({ ...plan, task: { ...plan.task, taskId: idOf(plan.task.taskId) } }));

  const { namespace, workerConnection: connection, client } = temporal;
  const shared = { connection, namespace, ...TEST_WORKER };
  const prover = (hardwareClass: 'cpu' | 'gpu', work: Prove) =>
    Worker.create({
      ...{ ...shared, taskQueue: proverQueue('model', hardwareClass), identity: `rig-${hardwareClass}` },
      activities: {
        prove: async (asked: ProofTask) => {
          await work(asked);
          return { taskId: asked.taskId, proofDigest: `digest of ${asked.taskId}`, seconds: 1, prover: 'model' };
        },
      },
      maxConcurrentActivityTaskExecutions: 1,
    });
  // A task that spills over is to be seen waiting there, also where the test has no such machine.
  const hasMachines = async (): Promise<boolean> => true;
  const workers = await Promise.all([
    Worker.create({
      ...shared,
      taskQueue: AGGREGATOR_QUEUE,
      workflowBundle,
      activities: { ...model.generator, hasMachines },
    }),
    Worker.create({ ...shared, taskQueue: chainQueue(1), activities: model.chain }),
    Worker.create({ ...shared, taskQueue: chainWaitsQueue(1), activities: model.chain }),
    Worker.create({ ...shared, taskQueue: senderQueue(1, MINER), activities: model.sender }),
    prover('cpu', provers.cpu),
    ...(provers.gpu ? [prover('gpu', provers.gpu)] : []),
  ]);
  const runs = workers.map((worker) => worker.run());
  try {
    const handle = await client.workflow.start(sequenceWorkflow, {
      ...{ taskQueue: AGGREGATOR_QUEUE, workflowId: sequenceWorkflowId(sequence) },
      args: [{ sequence, miner: MINER }],
      typedSearchAttributes: sequenceSearchAttributes(sequence, MINER),
    });
    await during(sequenceWorkflowId(sequence));
    expect(await handle.result()).toBe('rewarded');
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(runs);
  }
}
