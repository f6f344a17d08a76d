import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyTransfer } from '../../rollup-types/transfers/apply-transfer.js';
import { genesisTree } from '../../rollup-types/transfers/genesis.js';
import {
  decodeRecord,
  encodeRecord,
  joinRecords,
  RECORD_BYTES,
  splitBatch,
} from '../../rollup-types/transfers/record.js';
import { rootOfPath, type AccountTree } from '../../rollup-types/transfers/state.js';
import { publicKeyOf } from '../../rollup-types/transfers/schnorr.js';
import { REFUSED_TRANSFERS } from './refused-transfers.js';
import { GENESIS_ACCOUNTS, ROLLUP, secretKey, signedTransfer } from './support.js';

function supply(tree: AccountTree): bigint {
  return tree.indices.reduce((sum, index) => sum + tree.account(index).balance, 0n);
}

describe('a valid transfer', () => {
  test('moves the amount and counts the nonce', () => {
    const tree = genesisTree(GENESIS_ACCOUNTS);
    expect(applyTransfer(ROLLUP, tree, signedTransfer(0, 1, { amount: 1000n })).refusal).toBeUndefined();
    expect(tree.account(0)).toMatchObject({ balance: 0n, nonce: 1n });
    expect(tree.account(1)).toMatchObject({ balance: 2000n, nonce: 0n });
  });

  test('opens the account of a new receiver, who can pay at once', () => {
    const tree = genesisTree(GENESIS_ACCOUNTS);
    expect(applyTransfer(ROLLUP, tree, signedTransfer(0, 3)).refusal).toBeUndefined();
    expect(tree.account(3)).toEqual({ ...publicKeyOf(secretKey(3)), balance: 5n, nonce: 0n });
    expect(applyTransfer(ROLLUP, tree, signedTransfer(3, 1)).refusal).toBeUndefined();
    expect(tree.account(3)).toMatchObject({ balance: 0n, nonce: 1n });
  });

  test('takes effect once: the same record again is a no-op', () => {
    const tree = genesisTree(GENESIS_ACCOUNTS);
    const record = signedTransfer(0, 1);
    applyTransfer(ROLLUP, tree, record);
    const root = tree.root;
    expect(applyTransfer(ROLLUP, tree, record).refusal).toMatch(/nonce is 0, expected 1/);
    expect(tree.root).toBe(root);
  });

  test('is good on its own chain and rollup only', () => {
    const record = signedTransfer(0, 1);
    for (const other of [
      { ...ROLLUP, chainId: 1 },
      { ...ROLLUP, rollup: `0x${'11'.repeat(20)}` },
    ]) {
      expect(applyTransfer(other, genesisTree(GENESIS_ACCOUNTS), record).refusal).toMatch(/signature/);
    }
  });
});

describe('a transfer that breaks a rule', () => {
  test.each(REFUSED_TRANSFERS)('$rule: it is a no-op with a reason', ({ record, reason }) => {
    const tree = genesisTree(GENESIS_ACCOUNTS);
    const root = tree.root;
    expect(applyTransfer(ROLLUP, tree, record).refusal).toMatch(reason);
    expect(tree.root).toBe(root);
  });

  test('a sender that has used up its nonces can send no more', () => {
    const tree = genesisTree(GENESIS_ACCOUNTS);
    const last = 2n ** 64n - 1n;
    tree.set(0, { ...tree.account(0), nonce: last });
    expect(applyTransfer(ROLLUP, tree, signedTransfer(0, 1, { nonce: last })).refusal).toMatch(/can send no more/);
    tree.set(0, { ...tree.account(0), nonce: last - 1n });
    expect(applyTransfer(ROLLUP, tree, signedTransfer(0, 1, { nonce: last - 1n })).refusal).toBeUndefined();
  });

  test('a receiver never comes to hold 2^96', () => {
    const tree = genesisTree(GENESIS_ACCOUNTS);
    tree.set(1, { ...tree.account(1), balance: 2n ** 96n - 5n });
    expect(applyTransfer(ROLLUP, tree, signedTransfer(0, 1)).refusal).toMatch(/account 1 would hold 2\^96/);
    expect(applyTransfer(ROLLUP, tree, signedTransfer(0, 1, { amount: 4n })).refusal).toBeUndefined();
  });
});

describe('any bytes', () => {
  const anyRecord = fc.uint8Array({ minLength: RECORD_BYTES, maxLength: RECORD_BYTES });
  const nearlyValid = fc
    .record({
      from: fc.integer({ min: 0, max: 3 }),
      to: fc.integer({ min: 0, max: 3 }),
      amount: fc.bigInt({ min: 0n, max: 1200n }),
      nonce: fc.bigInt({ min: 0n, max: 2n }),
    })
    .map(({ from, to, ...changes }) => encodeRecord(signedTransfer(from, to, changes)));

  test('apply without an error; the supply stays, and so does the root where there is a reason', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(anyRecord, nearlyValid), { maxLength: 8 }), (records) => {
        const tree = genesisTree(GENESIS_ACCOUNTS);
        for (const bytes of records) {
          const root = tree.root;
          const { refusal } = applyTransfer(ROLLUP, tree, decodeRecord(bytes));
          expect(tree.root === root).toBe(refusal !== undefined);
          expect(supply(tree)).toBe(3000n);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('the witnesses lead from the old root over the sender to the new root', () => {
    fc.assert(
      fc.property(fc.oneof(anyRecord, nearlyValid), (bytes) => {
        const tree = genesisTree(GENESIS_ACCOUNTS);
        const oldRoot = tree.root;
        const record = decodeRecord(bytes);
        const { refusal, from, to } = applyTransfer(ROLLUP, tree, record);
        const { amount, toKey } = record;
        expect([from.index, to.index]).toEqual([record.from % 2 ** 20, record.to % 2 ** 20]);
        expect(rootOfPath(from.index, from.account, from.path)).toBe(oldRoot);
        const sender = from.account;
        const paid = refusal ? sender : { ...sender, balance: sender.balance - amount, nonce: sender.nonce + 1n };
        const middle = rootOfPath(from.index, paid, from.path);
        expect(rootOfPath(to.index, to.account, to.path)).toBe(middle);
        const got = refusal ? to.account : { ...to.account, ...toKey, balance: to.account.balance + amount };
        expect(rootOfPath(to.index, got, to.path)).toBe(tree.root);
      }),
      { numRuns: 60 },
    );
  });

  test('are the record they decode to', () => {
    fc.assert(
      fc.property(anyRecord, (bytes) => {
        expect(Buffer.from(encodeRecord(decodeRecord(bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('a batch', () => {
  test('is filled up with zero records to eight', () => {
    const record = encodeRecord(signedTransfer(0, 1));
    const split = splitBatch(joinRecords([record, record]));
    expect(split).toHaveLength(8);
    expect(split.slice(0, 2).map((bytes) => Buffer.from(bytes))).toEqual([record, record]);
    expect(split.slice(2).every((bytes) => bytes.length === RECORD_BYTES && bytes.every((byte) => byte === 0))).toBe(
      true,
    );
  });

  test.each([1, 159, 161, 9 * 160])('of %i bytes is refused', (size) => {
    expect(() => splitBatch(`0x${'00'.repeat(size)}`)).toThrow(new RegExp(`this one has ${size} bytes`));
  });

  test('with values that fit no field cannot be written', () => {
    const record = signedTransfer(0, 1);
    expect(() => encodeRecord({ ...record, from: 2 ** 32 })).toThrow(/from is 4294967296, expected 0 to 2\^32 - 1/);
    expect(() => encodeRecord({ ...record, amount: -1n })).toThrow(/amount is -1/);
    expect(() => decodeRecord(new Uint8Array(159))).toThrow(/160 bytes, this one has 159/);
  });
});
