import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { WaitForSequencesRequest } from '../../domain/chain-activities.js';
import { bringPostingsUpTo } from '../../activities/chain/posting-index.js';
import { createRollupDataSource } from '../../activities/chain/rollup-data-source.js';
import { ensureRollupIsRead } from '../../activities/chain/rollup-directory.js';
import { createBatchReplays } from '../../activities/proving/batch-replays.js';
import { SequenceNotPostedError } from '../../activities/proving/rollup-data.js';
import { selectPostedAfter } from '../../activities/storage/posted-sequences.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import type { PostedSequence, SequenceIdentity } from '../../domain/sequence.js';
import { counterType } from '../rollup-types/counter-type.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestChain, runActivity, startActivity, type TestChain } from '../support/test-chain.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';

let database: TestDatabase;
let rollup: TestRollup;
let chain: TestChain;
let beforeEverything: unknown;
beforeAll(async () => {
  rollup = await startTestRollup();
});
afterAll(() => rollup.close());
beforeEach(async () => {
  beforeEverything = await rollup.provider.send('evm_snapshot', []);
  database = await openTestDatabase();
  chain = openTestChain(database, rollup.rpcUrl);
  chain.reader.start();
});
afterEach(async () => {
  expect(chain.problems).toEqual([]);
  await chain.close();
  await database.close();
  await rollup.provider.send('evm_revert', [beforeEverything]);
});

function request(after: SequenceIdentity | null, changes: Partial<WaitForSequencesRequest> = {}) {
  const last = after && { lastBatch: after.lastBatch, accInputHash: after.accInputHash };
  return { ...rollup.ref, startBatch: 1, maxOpenSequences: 10, after: last, ...changes };
}

function waitForSequences(wanted: WaitForSequencesRequest): Promise<PostedSequence[]> {
  return runActivity(() => chain.activities.waitForSequences(wanted));
}

describe('following a rollup', () => {
  test('hands out what was posted, oldest first, and then each new posting', async () => {
    const [first, second] = [await rollup.post('0x01'), await rollup.post('0x02', '0x03')];
    expect(await waitForSequences(request(null))).toMatchObject([first, second]);

    const next = waitForSequences(request(second));
    const third = await rollup.post('0x04');
    expect(await next).toMatchObject([third]);
  });

  test('hands out no more than may be open, and begins where the miner begins', async () => {
    const posted = [await rollup.post('0x01'), await rollup.post('0x02', '0x03'), await rollup.post('0x04')];
    expect(await waitForSequences(request(null, { maxOpenSequences: 2 }))).toMatchObject(posted.slice(0, 2));
    const waiting = startActivity(() =>
      chain.activities.waitForSequences(request(posted[1] ?? null, { maxOpenSequences: 2 })),
    );
    // Batch 3 lies within the second sequence: it is the first this miner takes part in.
    expect(await waitForSequences(request(null, { startBatch: 3 }))).toMatchObject(posted.slice(1));
    waiting.cancel();
    await expect(waiting.result).rejects.toThrow(/cancel/i);
  });

  test('sees a reorg: what left the chain is no longer known, and other data in its place is another sequence', async () => {
    const kept = await rollup.post('0x01');
    const gone = await rollup.post('0x02');
    expect(await waitForSequences(request(null))).toMatchObject([kept, gone]);

    await rollup.provider.send('anvil_reorg', [1, []]);
    const other = await rollup.post('0x09', '0x0a');
    expect(other.firstBatch).toBe(gone.firstBatch);
    // The reorg may be seen a moment before the new posting: asked then, only what was kept would be handed out.
    await expect.poll(postings).toMatchObject([kept, other]);
    expect(await waitForSequences(request(gone))).toMatchObject([kept, other]);
  });

  test('sees a reorg that happened while nobody looked', async () => {
    const kept = await rollup.post('0x01');
    const gone = await rollup.post('0x02');
    await waitForSequences(request(null));
    await chain.close();

    await rollup.provider.send('anvil_reorg', [1, []]);
    const other = await rollup.post('0x09');
    await rollup.mine(20);
    chain = openTestChain(database, rollup.rpcUrl);
    chain.reader.start();
    expect(await waitForSequences(request(gone))).toMatchObject([kept, other]);
  });

  test('sees a chain that lost all its postings and went another way', async () => {
    const gone = await rollup.post('0x01');
    await waitForSequences(request(null));
    await rollup.provider.send('evm_revert', [beforeEverything]);
    beforeEverything = await rollup.provider.send('evm_snapshot', []);
    const other = await rollup.post('0x07');
    await rollup.mine(1);
    expect(await waitForSequences(request(gone))).toMatchObject([other]);
  });

  test('two readers over one database disturb each other in nothing', async () => {
    const second = openTestChain(database, rollup.rpcUrl);
    second.reader.start();
    const posted = [await rollup.post('0x00')];
    await waitForSequences(request(null));
    for (let i = 1; i <= 9; i++) posted.push(await rollup.post(`0x0${i}`));
    await expect.poll(postings).toMatchObject(posted);
    expect(second.problems).toEqual([]);
    await second.close();
  });

  test('a reader hears of postings that another one was first to read, at a head it has seen already', async () => {
    await chain.close();
    const posted = await rollup.post('0x01');
    const gate = createGate();
    const another = openTestChain(database, rollup.rpcUrl);
    chain = openTestChain(database, rollup.rpcUrl, (rpc) => ({ ...rpc, latest: () => gate.pass().then(rpc.latest) }));
    chain.reader.start();
    const { signal } = new AbortController();
    const before = await chain.reader.nextSighting(0, signal);

    await gate.shut();
    await ensureRollupIsRead(database.pool, another.rpc, rollup.ref, { startBatch: 1, following: true });
    await bringPostingsUpTo(database.pool, another.rpc, before.head);
    expect(await postings()).toMatchObject([posted]);
    gate.open();
    expect(await chain.reader.nextSighting(before.number, signal)).toMatchObject({ head: before.head });
    await another.close();
  });
});

describe('posted data', () => {
  test('is read back as the work of each batch', async () => {
    const first = await rollup.post('0x0102');
    const second = await rollup.post('0x', '0x03');
    await waitForSequences(request(first));
    const source = createRollupDataSource(database.pool, chain.rpc, () => counterType);
    const work = await createBatchReplays(source, () => counterType).workOf(second);
    expect(work.map(({ statement }) => statement.newStateRoot)).toEqual([
      `0x${(13).toString(16).padStart(64, '0')}`,
      `0x${(16).toString(16).padStart(64, '0')}`,
    ]);
    expect(work.at(-1)?.statement.newAccInputHash).toBe(second.accInputHash);
  });

  test('of a sequence that is not in the chain is refused by name', async () => {
    const first = await rollup.post('0x01');
    await waitForSequences(request(null));
    const source = createRollupDataSource(database.pool, chain.rpc, () => counterType);
    const replays = createBatchReplays(source, () => counterType);
    const elsewhere: SequenceIdentity = { ...first, accInputHash: `0x${'12'.repeat(32)}` };
    await expect(replays.workOf(elsewhere)).rejects.toThrow(SequenceNotPostedError);
  });
});

test('describes a rollup, and names an address that holds none', async () => {
  const description = await runActivity(() => chain.activities.describeRollup(rollup.ref));
  expect(description).toEqual({ rollupType: 'counter', proofSystem: 'simulated', stages: counterType.manifest });
  const nowhere = { ...rollup.ref, rollup: rollup.miner.address };
  const describing = () => runActivity(() => chain.activities.describeRollup(nowhere));
  // An endpoint that lags looks the same at first.
  await expect(describing()).rejects.toMatchObject({ type: 'NoContractError', nonRetryable: false });
  await expect(describing()).rejects.toThrow(rollup.miner.address);
  expect(await selectRollups(database.pool, rollup.chainId)).toEqual([]);
});

function postings(): Promise<PostedSequence[]> {
  return selectPostedAfter(database.pool, rollup.ref, { afterBatch: 0, upToBatch: 1000, limit: 1000 });
}

/** Lets everyone pass until it is shut. */
function createGate(): { pass(): Promise<void>; shut(): Promise<void>; open(): void } {
  let opened = Promise.resolve();
  let open = () => {};
  let arrive = () => {};
  return {
    pass() {
      arrive();
      return opened;
    },
    /** Resolves when the next one stands before it. */
    shut() {
      opened = new Promise((resolve) => (open = resolve));
      return new Promise((resolve) => (arrive = resolve));
    },
    open: () => open(),
  };
}
