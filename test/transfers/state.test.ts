import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeGenesis, encodeGenesis, genesisTree } from '../../rollup-types/transfers/genesis.js';
import { publicKeyOf } from '../../rollup-types/transfers/schnorr.js';
import {
  ACCOUNT_COUNT,
  AccountTree,
  EMPTY_ACCOUNT,
  rootOfPath,
  TREE_DEPTH,
} from '../../rollup-types/transfers/state.js';
import { GENESIS_ACCOUNTS, secretKey } from './support.js';

const index = fc.integer({ min: 0, max: ACCOUNT_COUNT - 1 });
const accounts = fc.uniqueArray(fc.tuple(index, fc.bigInt({ min: 0n, max: 2n ** 96n - 1n })), {
  selector: ([i]) => i,
  minLength: 1,
  maxLength: 8,
});

function treeOf(entries: [number, bigint][]): AccountTree {
  const tree = new AccountTree();
  for (const [i, balance] of entries) tree.set(i, { x: BigInt(i), y: 2n, balance, nonce: 0n });
  return tree;
}

describe('AccountTree', () => {
  test('every account, empty ones too, has a path to the root', () => {
    fc.assert(
      fc.property(accounts, index, (entries, other) => {
        const tree = treeOf(entries);
        for (const i of [other, ...entries.map(([i]) => i)]) {
          const path = tree.path(i);
          expect(path).toHaveLength(TREE_DEPTH);
          expect(rootOfPath(i, tree.account(i), path)).toBe(tree.root);
        }
      }),
      { numRuns: 20 },
    );
  });

  test('its root depends on the accounts, not on the order they were set in or what they were before', () => {
    fc.assert(
      fc.property(accounts, (entries) => {
        const tree = treeOf(entries.toReversed());
        for (const [i] of entries) tree.set(i, { x: 9n, y: 9n, balance: 9n, nonce: 9n });
        for (const [i, balance] of entries) tree.set(i, { x: BigInt(i), y: 2n, balance, nonce: 0n });
        expect(tree.root).toBe(treeOf(entries).root);
        for (const [i] of entries) tree.set(i, EMPTY_ACCOUNT);
        expect(tree.root).toBe(new AccountTree().root);
      }),
      { numRuns: 20 },
    );
  });

  test('a copy goes its own way', () => {
    const tree = treeOf([[3, 5n]]);
    const before = tree.root;
    const copy = tree.copy();
    copy.set(3, EMPTY_ACCOUNT);
    copy.set(4, { ...EMPTY_ACCOUNT, balance: 1n });
    expect(tree.root).toBe(before);
    expect(tree.account(3).balance).toBe(5n);
    expect(copy.account(3)).toEqual(EMPTY_ACCOUNT);
  });

  test('indices out of range are refused', () => {
    const tree = new AccountTree();
    for (const bad of [-1, ACCOUNT_COUNT, 0.5]) {
      expect(() => tree.account(bad)).toThrow(/expected 0 to 1048575/);
      expect(() => tree.path(bad)).toThrow(/expected 0 to 1048575/);
      expect(() => tree.set(bad, EMPTY_ACCOUNT)).toThrow(/expected 0 to 1048575/);
    }
  });
});

describe('genesis', () => {
  test('what is posted gives the accounts back, and account i has index i', () => {
    expect(decodeGenesis(encodeGenesis(GENESIS_ACCOUNTS))).toEqual(GENESIS_ACCOUNTS);
    const tree = genesisTree(GENESIS_ACCOUNTS);
    GENESIS_ACCOUNTS.forEach((account, i) => expect(tree.account(i)).toEqual({ ...account, nonce: 0n }));
    expect(decodeGenesis(encodeGenesis([]))).toEqual([]);
  });

  test('bytes that are no list of accounts are refused', () => {
    const data = encodeGenesis(GENESIS_ACCOUNTS);
    expect(() => decodeGenesis('0x')).toThrow(/no ABI list/);
    expect(() => decodeGenesis('0x1234')).toThrow(/2 bytes is no ABI list/);
    expect(() => decodeGenesis(`0x${data.slice(2, -64)}`)).toThrow(/no ABI list/);
    expect(() => decodeGenesis(`${data}00`)).toThrow(/bytes that belong to no account/);
  });

  test('a key off the curve, a negative balance and a supply of 2^96 are refused, with the account', () => {
    const key = publicKeyOf(secretKey(3));
    const half = { ...key, balance: 2n ** 95n };
    expect(() => encodeGenesis([half, { x: 1n, y: 1n, balance: 1n }])).toThrow(/genesis account 1 is not on/);
    expect(() => encodeGenesis([{ ...key, balance: -1n }])).toThrow(/account 0 is -1/);
    expect(() => encodeGenesis([half, half])).toThrow(/accounts 0 to 1 hold 79228162514264337593543950336 together/);
    expect(() => encodeGenesis([half, { ...half, balance: 2n ** 95n - 1n }])).not.toThrow();
  });
});
