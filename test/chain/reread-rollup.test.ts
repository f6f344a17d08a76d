import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureRollupIsRead } from '../../activities/chain/rollup-directory.js';
import { selectPostedAfter } from '../../activities/storage/posted-sequences.js';
import { rereadRollup } from '../../scripts/start-rollup/reread-rollup.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestChain, type TestChain } from '../support/test-chain.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

let rollup: TestRollup;
let database: TestDatabase;
let chain: TestChain;
beforeAll(async () => {
  rollup = await startTestRollup();
  database = await openTestDatabase();
  chain = openTestChain(database, rollup.rpcUrl);
});
afterAll(async () => {
  await chain.close();
  await database.close();
  await rollup.close();
});

test('start-rollup --reread has the running aggregator read all postings again; an unknown rollup is named', async () => {
  const parts = { chainId: rollup.chainId, pool: database.pool };
  await expect(rereadRollup(parts, rollup.miner.address)).rejects.toThrow(
    /is not read on chain 31337: "npm run start-r/,
  );

  const posted = [await rollup.post('0x01'), await rollup.post('0x02')];
  const known = () => selectPostedAfter(database.pool, rollup.ref, { afterBatch: 0, upToBatch: 1_000, limit: 1_000 });
  await ensureRollupIsRead(database.pool, chain.rpc, rollup.ref, { startBatch: 1, following: true });
  chain.reader.start();
  await expect.poll(known).toMatchObject(posted);
  // As no fault that is known of leaves it: nothing would show that the second is wrong.
  await database.pool.query(`UPDATE posted_sequences SET transaction_hash = '0x00' WHERE last_batch = 2`);
  await rereadRollup(parts, rollup.ref.rollup);
  await expect.poll(known).toMatchObject(posted);
});
