import fc from 'fast-check';
import { Interface } from 'ethers';
import { beforeEach, describe, expect, test } from 'vitest';
import { decodePostedBatches, numberBatches } from '../../activities/chain/posted-batches.js';
import type { BatchContent, PostedBatch, RollupReplay } from '../../domain/rollup-type.js';
import { findRollupType } from '../../rollup-types/registry.js';
import { encodeRecord, joinRecords } from '../../rollup-types/transfers/record.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex } from '../../domain/sequence.js';
import { COINBASE, GENESIS_ACCOUNTS, genesisOf, ROLLUP, signedTransfer, word, ZERO_HASH } from './support.js';

const transfers = findRollupType('transfers');
const GENESIS = genesisOf(GENESIS_ACCOUNTS);

function content(transactions: Hex, timestamp = 1_700_000_000): BatchContent {
  return { transactions, globalExitRoot: ZERO_HASH, timestamp, l2Coinbase: COINBASE };
}

function posted(...contents: BatchContent[]): PostedBatch[] {
  return numberBatches(contents, { firstBatch: 1, previousAccInputHash: ZERO_HASH, accumulate: transfers.accumulate });
}

function only(batches: PostedBatch[]): PostedBatch {
  const [batch, ...rest] = batches;
  if (!batch || rest.length > 0) throw new Error(`Expected one batch, got ${batches.length}`);
  return batch;
}

describe('a replay of transfers', () => {
  let replay: RollupReplay;
  beforeEach(() => {
    replay = transfers.openReplay(ROLLUP, GENESIS);
  });

  test('says of each batch what has to be proved, one after the other', async () => {
    const first = joinRecords([encodeRecord(signedTransfer(0, 1))]);
    const second = joinRecords([encodeRecord(signedTransfer(1, 0)), encodeRecord(signedTransfer(0, 3, { nonce: 1n }))]);
    const batches = posted(content(first), content(second));
    expect([replay.lastBatch, replay.stateRoot, replay.accInputHash]).toEqual([0, GENESIS.stateRoot, ZERO_HASH]);
    for (const batch of batches) {
      const { lastBatch, stateRoot, accInputHash } = replay;
      const { statement } = await replay.apply(batch);
      expect(statement).toEqual({
        ...ROLLUP,
        firstBatch: lastBatch + 1,
        lastBatch: lastBatch + 1,
        oldStateRoot: stateRoot,
        newStateRoot: replay.stateRoot,
        oldAccInputHash: accInputHash,
        newAccInputHash: batch.accInputHash,
      });
      expect(replay.stateRoot).not.toBe(stateRoot);
      expect(replay.accInputHash).toBe(batch.accInputHash);
    }
    expect(replay.lastBatch).toBe(2);
  });

  test('gives the circuit eight transfers as JSON, the same bytes every time', async () => {
    const batch = only(posted(content(joinRecords([encodeRecord(signedTransfer(0, 1))]))));
    const { input } = await replay.apply(batch);
    const again = await transfers.openReplay(ROLLUP, GENESIS).apply(batch);
    expect(Buffer.from(again.input)).toEqual(Buffer.from(input));
    const hex = (digits: number): unknown => expect.stringMatching(new RegExp(`^0x[0-9a-f]{${digits}}$`));
    const account = { x: hex(64), y: hex(64), balance: hex(64), nonce: hex(64) };
    const path = Array.from({ length: 20 }, () => hex(64));
    expect(JSON.parse(Buffer.from(input).toString())).toEqual({
      globalExitRoot: ZERO_HASH,
      timestamp: 1_700_000_000,
      l2Coinbase: COINBASE,
      transfers: Array.from({ length: 8 }, () => ({
        record: hex(320),
        from: account,
        fromPath: path,
        to: account,
        toPath: path,
      })),
    });
  });

  test('an empty batch leaves the state as it is', async () => {
    const { statement } = await replay.apply(only(posted(content('0x'))));
    expect(statement.newStateRoot).toBe(GENESIS.stateRoot);
    expect(statement.newAccInputHash).not.toBe(ZERO_HASH);
  });

  test('never fails on whole records, whatever they hold', async () => {
    const whole = fc
      .integer({ min: 0, max: 8 })
      .chain((count) => fc.uint8Array({ minLength: count * 160, maxLength: count * 160 }));
    await fc.assert(
      fc.asyncProperty(whole, fc.integer({ min: 0, max: 2 ** 40 }), async (bytes, timestamp) => {
        const fresh = transfers.openReplay(ROLLUP, GENESIS);
        const batch = only(posted(content(`0x${Buffer.from(bytes).toString('hex')}`, timestamp)));
        expect((await fresh.apply(batch)).statement.newStateRoot).toBe(GENESIS.stateRoot);
      }),
      { numRuns: 30 },
    );
  });

  test('other data than was posted is refused and leaves the replay as it was', async () => {
    const batch = only(posted(content(joinRecords([encodeRecord(signedTransfer(0, 1))]))));
    const alterations: Partial<PostedBatch>[] = [
      { transactions: '0x' },
      { globalExitRoot: word(1n) },
      { timestamp: batch.timestamp + 1 },
      { l2Coinbase: ROLLUP.rollup },
      { accInputHash: word(1n) },
    ];
    for (const alteration of alterations) {
      await expect(replay.apply({ ...batch, ...alteration })).rejects.toThrow(
        /batch 1 hashes to 0x.* the chain says 0x/,
      );
    }
    await expect(replay.apply({ ...batch, batchNumber: 2 })).rejects.toThrow(/Batch 2 cannot follow batch 0/);
    expect([replay.lastBatch, replay.stateRoot]).toEqual([0, GENESIS.stateRoot]);
    await replay.apply(batch);
    await expect(replay.apply(batch)).rejects.toThrow(/Batch 1 cannot follow batch 1/);
  });

  test('genesis data that makes up another root is refused', () => {
    expect(() => transfers.openReplay(ROLLUP, { ...GENESIS, stateRoot: word(1n) })).toThrow(
      /makes up the state root 0x/,
    );
  });
});

describe('posted data', () => {
  const rollupInterface = new Interface(ROLLUP_ABI);
  const contents = [content('0x', 5), { ...content(`0x${'00'.repeat(160)}`, 6), globalExitRoot: word(3n) }];
  const call = (name: string, args: unknown[]): Hex => `0x${rollupInterface.encodeFunctionData(name, args).slice(2)}`;

  test('is read out of the posting transaction', () => {
    const batches = contents.map((batch) => ({ ...batch, minForcedTimestamp: 0 }));
    expect(decodePostedBatches(call('sequenceBatches', [batches, COINBASE]))).toEqual(contents);
  });

  test('of another call, of cut-off data or of none is refused', () => {
    const data = call('sequenceBatches', [[], COINBASE]);
    for (const input of [call('pause', []), `0x${data.slice(2, 60)}`, '0x', '0x12345678'] as const) {
      expect(() => decodePostedBatches(input)).toThrow(/no sequenceBatches call/);
    }
  });

  test('is hashed as it was posted: zero bytes at its end count only beyond the padding', () => {
    const place = { firstBatch: 4, previousAccInputHash: word(9n), accumulate: transfers.accumulate };
    const [first, second] = numberBatches(contents, place);
    expect([first?.batchNumber, second?.batchNumber]).toEqual([4, 5]);
    expect(first?.accInputHash).not.toBe(second?.accInputHash);
    expect(() => numberBatches([content(`0x${'00'.repeat(1281)}`)], place)).toThrow(
      /1281 bytes, expected at most the 1280/,
    );
  });
});

test('an unknown rollup type is named, with the known ones', () => {
  expect(() => findRollupType('zkevm')).toThrow(/"zkevm", known: transfers/);
});
