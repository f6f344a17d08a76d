import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { insertRollup } from '../../activities/storage/rollups.js';
import { createLog } from '../../platform/log.js';
import { submitPendingProof } from '../../workers/miner/submit-pending-proof.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import { openTestDatabase } from '../support/database.js';
import { openTestNamespace } from '../support/temporal.js';
import { openTestChain } from '../support/test-chain.js';
import { startTestRollup } from '../support/test-rollup.js';

test('a rollup that cannot be read at the start is read again: its open commitment gets its workflow', async () => {
  const [rollup, database, temporal] = [await startTestRollup(), await openTestDatabase(), await openTestNamespace()];
  let isDown = true;
  const chain = openTestChain(database, rollup.rpcUrl, (rpc) => ({
    ...rpc,
    call: (...request) => (isDown ? Promise.reject(new Error('overloaded')) : rpc.call(...request)),
  }));
  try {
    await insertRollup(database.pool, {
      ...{ ...rollup.ref, rollupType: 'counter', fromBlock: 0, startBatch: 1, following: false },
    });
    const posted = await rollup.post('0x01');
    await rollup.commit(rollup.miner, posted, randomBytes(64));

    const { client } = temporal;
    const us = { chainId: rollup.chainId, miner: rollup.miner.address };
    const pending = submitPendingProof(
      { client, db: database.pool, rpc: chain.rpc, log: createLog('aggregator', 'silent', {}) },
      us,
    );
    await pending.commitmentsTaken;
    const start = vi.spyOn(client.workflow, 'start');
    isDown = false;
    await vi.waitFor(() => expect(start).toHaveBeenCalled(), { timeout: 20_000 });
    await pending.stop();
    const { status } = await client.workflow.getHandle(sequenceWorkflowId(posted)).describe();
    expect(status.name).toBe('RUNNING');
  } finally {
    await temporal.close();
    await chain.close();
    await database.close();
    await rollup.close();
  }
});

test('the commitment whose window ends first gets its workflow first, and a rollup that is silent holds up none', async () => {
  const [rollup, database, temporal] = [await startTestRollup(), await openTestDatabase(), await openTestNamespace()];
  const silent = `0x${'00'.repeat(19)}5e`;
  let release = (): void => undefined;
  const answered = new Promise<void>((resolve) => (release = resolve));
  const chain = openTestChain(database, rollup.rpcUrl, (rpc) => ({
    ...rpc,
    call: async (call, at) => {
      if (call.to === silent) await answered;
      return rpc.call(call, at);
    },
  }));
  try {
    const entry = { chainId: rollup.chainId, rollupType: 'counter', fromBlock: 0, startBatch: 1, following: false };
    for (const address of [silent, rollup.ref.rollup]) {
      await insertRollup(database.pool, { ...entry, rollup: address });
    }
    const [first, second] = [await rollup.post('0x01'), await rollup.post('0x02')];
    // The second one is committed to first; its window opens only when the first is verified.
    await rollup.commit(rollup.miner, second, randomBytes(64));
    await rollup.commit(rollup.miner, first, randomBytes(64));

    const { client } = temporal;
    const start = vi.spyOn(client.workflow, 'start');
    const log = createLog('aggregator', 'silent', {});
    const us = { chainId: rollup.chainId, miner: rollup.miner.address };
    const pending = submitPendingProof({ client, db: database.pool, rpc: chain.rpc, log }, us);
    await vi.waitFor(() => expect(start).toHaveBeenCalledTimes(2), { timeout: 20_000 });
    expect(start.mock.calls.map(([, options]) => options.workflowId)).toEqual([first, second].map(sequenceWorkflowId));
    release();
    await pending.stop();
  } finally {
    await temporal.close();
    await chain.close();
    await database.close();
    await rollup.close();
  }
});
