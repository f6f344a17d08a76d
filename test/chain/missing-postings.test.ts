import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { ensureRollupIsRead } from '../../activities/chain/rollup-directory.js';
import { nextSequences } from '../../activities/chain/sequence-feed.js';
import { selectPostedAfter } from '../../activities/storage/posted-sequences.js';
import { startRpcProxy, type RpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { rereadRollup } from '../../scripts/start-rollup/reread-rollup.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestChain, type TestChain } from '../support/test-chain.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

const DELAY_BLOCKS = 20;
let rollup: TestRollup;
let proxy: RpcProxy;
let database: TestDatabase;
let chain: TestChain | undefined;
let before: unknown;
beforeAll(async () => {
  rollup = await startTestRollup({ adminDelaySeconds: DELAY_BLOCKS });
  proxy = await startRpcProxy(rollup.rpcUrl);
});
afterAll(async () => {
  await proxy.close();
  await rollup.close();
});
beforeEach(async () => {
  before = await rollup.provider.send('evm_snapshot', []);
  database = await openTestDatabase();
});
afterEach(async () => {
  proxy.setFaults(null);
  await chain?.close();
  chain = undefined;
  await database.close();
  await rollup.provider.send('evm_revert', [before]);
});

/** Reads as an aggregator does that has just started. */
async function startReading(urls: string | string[] = proxy.url): Promise<TestChain> {
  const reading = openTestChain(database, urls);
  await ensureRollupIsRead(database.pool, reading.rpc, rollup.ref, { startBatch: 1, following: true });
  reading.reader.start();
  chain = reading;
  return reading;
}

function known(): Promise<PostedSequence[]> {
  return selectPostedAfter(database.pool, rollup.ref, { afterBatch: 0, upToBatch: 1_000, limit: 1_000 });
}

/** Logs of a range without those of the newest blocks, and no error: a node that is behind the one that told the head. */
function leaveOutLogs(times: number): () => number {
  let left = times;
  proxy.setFaults(({ method, params }) => {
    const isRange = method === 'eth_getLogs' && JSON.stringify(params).includes('fromBlock');
    return isRange && left-- > 0 ? { change: () => [] } : null;
  });
  return () => times - Math.max(0, left);
}

test('a posting whose log a node left out at a restart is read again by itself', async () => {
  const posted = [await rollup.post('0x01')];
  await (await startReading()).reader.nextSighting(0, new AbortController().signal);
  await expect.poll(known).toMatchObject(posted);
  await chain?.close();

  posted.push(await rollup.post('0x02'));
  await rollup.mine(50);
  const leftOut = leaveOutLogs(1);
  const { problems } = await startReading();
  await expect.poll(known).toMatchObject(posted);
  expect(leftOut()).toBe(1);
  expect(problems).toEqual([]);
});

test('what the preferred endpoint keeps leaving out is read from the other one', async () => {
  const posted = await rollup.post('0x01');
  await rollup.mine(50);
  leaveOutLogs(Infinity);
  const { problems } = await startReading([proxy.url, rollup.rpcUrl]);
  await expect.poll(known).toMatchObject([posted]);
  expect(problems).toEqual([]);
});

test('two blocks at a look are read one by one, so that nothing can be left out', async () => {
  await startReading();
  leaveOutLogs(Infinity);
  const first = await rollup.post('0x01');
  await rollup.mine(20);
  const second = await rollup.post('0x02');
  await expect.poll(known).toMatchObject([first, second]);
});

test('where a node knows no logs by block hash, what it leaves out near the head is read again by itself', async () => {
  const refuse = { error: { code: -32602, message: 'unknown field blockHash' } };
  let leftOut = 0;
  proxy.setFaults(({ method, params }) => {
    if (method !== 'eth_getLogs') return null;
    if (JSON.stringify(params).includes('blockHash')) return refuse;
    return isNew && leftOut++ === 0 ? { change: () => [] } : null;
  });
  let isNew = false;
  const { reader } = await startReading();
  await reader.nextSighting(0, new AbortController().signal);
  isNew = true;
  const posted = await rollup.post('0x01');
  await expect.poll(known).toMatchObject([posted]);
  expect(leftOut).toBeGreaterThan(1);
});

test('a gap that an earlier version has left in the table is closed at the next start', async () => {
  const posted = [await rollup.post('0x01'), await rollup.post('0x02'), await rollup.post('0x03')];
  await startReading();
  await expect.poll(known).toMatchObject(posted);
  await chain?.close();
  await database.pool.query('DELETE FROM posted_sequences WHERE last_batch = 2');
  await startReading();
  await expect.poll(known).toMatchObject(posted);
});

test('no sequence after a gap is handed out before the gap is closed: nobody would ask for the missing one again', async () => {
  const posted = [await rollup.post('0x01'), await rollup.post('0x02'), await rollup.post('0x03')];
  const { rpc } = await startReading();
  await expect.poll(known).toMatchObject(posted);
  await chain?.close();
  await database.pool.query('DELETE FROM posted_sequences WHERE last_batch = 2');
  const handOut = (): Promise<PostedSequence[]> =>
    nextSequences(database.pool, rpc, { ...rollup.ref, startBatch: 1, maxOpenSequences: 10, after: null });
  expect(await handOut()).toMatchObject(posted.slice(0, 1));
  const { rpc: again } = await startReading();
  await expect.poll(known).toMatchObject(posted);
  const after = { lastBatch: 1, accInputHash: posted[0]?.accInputHash ?? '0x' };
  const rest = { ...rollup.ref, startBatch: 1, maxOpenSequences: 10, after };
  expect(await nextSequences(database.pool, again, rest)).toMatchObject(posted.slice(1));
});

test('a roll back that a reorg undoes brings its posting back', async () => {
  const posted = await rollup.post('0x01');
  await startReading();
  await expect.poll(known).toMatchObject([posted]);
  await rollup.send(rollup.owner, 'scheduleRollback', 1);
  await rollup.mine(DELAY_BLOCKS);
  await rollup.send(rollup.owner, 'executeRollback', 10);
  await expect.poll(known).toEqual([]);
  await rollup.provider.send('anvil_reorg', [1, []]);
  await rollup.mine(2);
  await expect.poll(known).toMatchObject([posted]);
});

test('logs that all endpoints keep leaving out are a problem that is shown', async () => {
  await rollup.post('0x01');
  await rollup.mine(50);
  leaveOutLogs(Infinity);
  const { reader, problems } = await startReading();
  const mineAndAsk = async (): Promise<string> => {
    await rollup.mine(1);
    return reader.problem() ?? '';
  };
  await expect
    .poll(mineAndAsk)
    .toMatch(
      /postings of rollup 0x\w+ are missing \(the contract says that batch 1 was posted last, the logs say none\)/,
    );
  for (let i = 0; i < 5; i++) await mineAndAsk();
  expect(problems).toHaveLength(1);
  proxy.setFaults(null);
  await expect.poll(async () => (await mineAndAsk()) === '' && (await known()).length).toBe(1);
});

test('a range that cannot be read holds up nobody who waits for a block', async () => {
  await rollup.post('0x01');
  await rollup.mine(50);
  proxy.setFaults(({ method, params }) =>
    method === 'eth_getLogs' && JSON.stringify(params).includes('fromBlock')
      ? { error: { code: -32000, message: 'pruned history unavailable' } }
      : null,
  );
  const { reader } = await startReading();
  const { signal } = new AbortController();
  const first = await reader.nextSighting(0, signal);
  await rollup.mine(1);
  expect((await reader.nextSighting(first.number, signal)).head.number).toBeGreaterThan(first.head.number);
  await expect.poll(() => reader.problem()).toMatch(/pruned history unavailable/);
});

test('start-rollup --reread has the running aggregator read all postings again; an unknown rollup is named', async () => {
  const parts = { chainId: rollup.chainId, pool: database.pool };
  await expect(rereadRollup(parts, rollup.miner.address)).rejects.toThrow(
    /is not read on chain 31337: "npm run start-r/,
  );

  const posted = [await rollup.post('0x01'), await rollup.post('0x02')];
  await startReading();
  await expect.poll(known).toMatchObject(posted);
  // As no fault that is known of leaves it: nothing would show that the second is wrong.
  await database.pool.query(`UPDATE posted_sequences SET transaction_hash = '0x00' WHERE last_batch = 2`);
  await rereadRollup(parts, rollup.ref.rollup);
  await expect.poll(known).toMatchObject(posted);
});
