import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WaitForSequencesRequest } from '../../domain/chain-activities.js';
import {
  AGGREGATOR_QUEUE,
  chainQueue,
  chainWaitsQueue,
  rollupWorkflowId,
  senderQueue,
  sequenceWorkflowId,
} from '../../domain/names.js';
import { rollupWorkflow } from '../../workflows/rollup-workflow.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { recordHistory } from '../support/histories.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import { MINER, Model, sequenceOf } from './model.js';

let temporal: TestNamespace;
beforeAll(async () => {
  temporal = await openTestNamespace();
});
afterAll(() => temporal.close());

const posted = (firstBatch: number, lastBatch: number, accInputHash: `0x${string}`): PostedSequence => ({
  ...sequenceOf(firstBatch, lastBatch),
  accInputHash,
  blockNumber: firstBatch,
  transactionHash: '0x02',
});

describe('rollupWorkflow', () => {
  it('starts one workflow a sequence, and another for other data posted in the same place', async () => {
    const one = posted(1, 1, '0x11111111');
    const two = posted(2, 4, '0x22222222');
    const twoAgain = posted(2, 4, '0x33333333');
    const model = new Model();
    model.set({ finalProofStored: true, accepted: 'other', acceptedFinal: true });
    // The follower is handed the first two, then (after a reorg) the first again with another second.
    const answers = [
      [one, two],
      [one, twoAgain],
    ];
    const asked: WaitForSequencesRequest['after'][] = [];
    model.chain.waitForSequences = async ({ after }) => {
      asked.push(after);
      const answer = answers.shift();
      if (!answer) throw ApplicationFailure.nonRetryable('end of the test');
      return answer;
    };

    const { namespace, workerConnection: connection, client } = temporal;
    const shared = { connection, namespace, ...TEST_WORKER };
    const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));
    const workers = await Promise.all([
      Worker.create({ ...shared, taskQueue: AGGREGATOR_QUEUE, workflowsPath, activities: model.generator }),
      Worker.create({ ...shared, taskQueue: chainQueue(1), activities: model.chain }),
      Worker.create({ ...shared, taskQueue: chainWaitsQueue(1), activities: model.chain }),
      Worker.create({ ...shared, taskQueue: senderQueue(1, MINER), activities: model.sender }),
    ]);
    const runs = workers.map((worker) => worker.run());
    const { chainId, rollup } = one;
    const handle = await client.workflow.start(rollupWorkflow, {
      taskQueue: AGGREGATOR_QUEUE,
      workflowId: rollupWorkflowId(one),
      args: [{ chainId, rollup, miner: MINER, startBatch: 1, maxOpenSequences: 128, after: null }],
    });
    await expect(handle.result()).rejects.toThrow();
    const outcomes = await Promise.all(
      [one, two, twoAgain].map((sequence) => client.workflow.getHandle(sequenceWorkflowId(sequence)).result()),
    );
    recordHistory('follows a rollup', await handle.fetchHistory());
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(runs);

    expect(outcomes).toEqual(['verified-by-another', 'verified-by-another', 'verified-by-another']);
    expect(asked).toEqual([
      null,
      { lastBatch: 4, accInputHash: two.accInputHash },
      { lastBatch: 4, accInputHash: twoAgain.accInputHash },
    ]);
    // The first is handed out twice: while it runs the second start finds it running, afterwards it ends at once again.
    const started = (await handle.fetchHistory()).events?.flatMap(
      ({ childWorkflowExecutionStartedEventAttributes: child }) => child?.workflowExecution?.workflowId ?? [],
    );
    expect([...new Set(started)].sort()).toEqual([one, two, twoAgain].map(sequenceWorkflowId).sort());
  });
});
