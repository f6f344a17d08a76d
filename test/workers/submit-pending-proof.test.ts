import { randomBytes } from 'node:crypto';
import { expect, test, vi } from 'vitest';
import { insertRollup } from '../../activities/storage/rollups.js';
import { createLog } from '../../workers/log.js';
import { submitPendingProof } from '../../workers/miner/submit-pending-proof.js';
import { sequenceWorkflowId } from '../../workflows/domain/names.js';
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
    const pending = await submitPendingProof(
      { client, db: database.pool, rpc: chain.rpc, log: createLog('aggregator', 'silent', {}) },
      us,
    );
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
