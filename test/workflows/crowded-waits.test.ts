import { Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue, rollupWorkflowId } from '../../domain/names.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { rollupWorkflow } from '../../workflows/rollup-workflow.js';
import type { sequenceWorkflow } from '../../workflows/sequence-workflow.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import { MINER, Model, sequenceOf } from './model.js';

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await openTestNamespace();
});
afterAll(() => temporal.close());

test('when waits fill all their slots, rollups and sequences still move on by short reads', async () => {
  const model = new Model();
  // The predecessor is not verified: a wait without a block at which it ends.
  model.set({ posted: true, finalProofStored: true, own: 'open', storedProofMatchesOwnHash: true });
  const posted: PostedSequence = {
    ...sequenceOf(1, 1),
    accInputHash: '0x11111111',
    blockNumber: 1,
    transactionHash: '0x02',
  };
  let handedOut = false;
  const chain: Model['chain'] = {
    ...model.chain,
    async waitForSequences(request) {
      const waits = Context.current().info.taskQueue === chainWaitsQueue(1);
      if (waits || handedOut) return waits ? model.chain.waitForSequences(request) : [];
      handedOut = true;
      return [posted];
    },
  };
  model.state = { ...model.state, accepted: 'other', acceptedFinal: false };

  const { namespace, workerConnection: connection, client } = temporal;
  const shared = { connection, namespace, ...TEST_WORKER };
  const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: AGGREGATOR_QUEUE, workflowsPath, activities: model.generator }),
    Worker.create({ ...shared, taskQueue: chainQueue(1), activities: chain }),
    Worker.create({
      ...{ ...shared, taskQueue: chainWaitsQueue(1), activities: chain },
      maxConcurrentActivityTaskExecutions: 1,
    }),
  ]);
  const runs = workers.map((worker) => worker.run());
  const input = { chainId: 1, miner: MINER, startBatch: 1, maxOpenSequences: 128, after: null };
  const rollups = [`0x${'a1'.repeat(20)}`, `0x${'a2'.repeat(20)}`].map((rollup) => ({ ...input, rollup }));
  const followers = await Promise.all(
    rollups.map((rollup) =>
      client.workflow.start(rollupWorkflow, {
        ...{ taskQueue: AGGREGATOR_QUEUE, workflowId: rollupWorkflowId(rollup), args: [rollup] },
      }),
    ),
  );
  try {
    const sequence = client.workflow.getHandle<typeof sequenceWorkflow>(sequenceWorkflowId(posted));
    // The one slot is held by one rollup's wait for ever: the other's sequence is found and started all the same.
    await expect
      .poll(() =>
        sequence.describe().then(
          ({ status }) => status.name,
          () => null,
        ),
      )
      .toBe('RUNNING');
    model.set({ acceptedFinal: true });
    expect(await sequence.result()).toBe('verified-by-another');
  } finally {
    for (const follower of followers) await follower.terminate();
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(runs);
  }
});
