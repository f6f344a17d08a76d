import { parseUnits } from 'ethers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { capOf } from '../../activities/sender/sign-attempt.js';
import { recordFirstAttempt } from '../../activities/sender/transaction-states.js';
import { findOrInsertTransaction, readTransaction, type Transaction } from '../../activities/sender/transactions.js';
import type { Step } from '../../domain/sequence-view.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { TEST_SETTINGS } from './sender-scene.js';

const WALLET = `0x${'12'.repeat(20)}`;
const { commitFeeCapWei: COMMITS, revealFeeCapWei: REVEALS } = TEST_SETTINGS;
const [WORTH, MORE_WORTH] = [parseUnits('300', 'gwei'), parseUnits('700', 'gwei')];

let database: TestDatabase;

beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

/** A step under way at a nonce; a reveal with the cap of its own worth, or none. */
async function underWay(step: Step, nonce: number, feeCapWei?: bigint): Promise<Transaction> {
  const batch = { firstBatch: nonce, lastBatch: nonce, accInputHash: `0x${'34'.repeat(32)}` } as const;
  const sequence = { chainId: 1, rollup: WALLET, ...batch };
  const row = await findOrInsertTransaction(database.pool, { sequence, step, tryNumber: 1, round: null }, WALLET);
  const fees = { maxFeePerGas: 1n, maxPriorityFeePerGas: 1n };
  const signed = { purpose: 'step', nonce, ...fees, signedAtBlock: 1, heldSinceBlock: null, raw: '0x00' } as const;
  const hash = `0x${nonce.toString(16).padStart(64, '0')}` as const;
  await recordFirstAttempt(database.pool, row.id, { hash, ...signed }, { proofHash: null, feeCapWei });
  return readTransaction(database.pool, row.id);
}

function cap(row: Transaction, due = false): Promise<bigint> {
  const leadership = { database: database.pool };
  const context = { chainId: 1, wallet: { address: WALLET }, settings: TEST_SETTINGS, leadership };
  return capOf({ ...context, revealIsDue: () => due }, row, row.nonce ?? 0);
}

describe('the most that is offered for a transaction under way', () => {
  test('is the cap of its step, or of its own worth', async () => {
    expect(await cap(await underWay('commit', 1))).toBe(COMMITS);
    expect(await cap(await underWay('reveal', 3))).toBe(REVEALS);
    expect(await cap(await underWay('reveal', 4, WORTH))).toBe(WORTH);
  });

  test('is as much as for a reveal that waits behind it, and no more', async () => {
    const commit = await underWay('commit', 1);
    await underWay('reveal', 2, WORTH);
    expect(await cap(commit)).toBe(WORTH);
    const cheap = await underWay('reveal', 3, COMMITS);
    await underWay('reveal', 4, MORE_WORTH);
    expect(await cap(commit)).toBe(MORE_WORTH);
    // Else the cheaper one would keep the dearer one waiting until its window is over.
    expect(await cap(cheap)).toBe(MORE_WORTH);
  });

  test('is not what stands before it', async () => {
    await underWay('reveal', 1, MORE_WORTH);
    expect(await cap(await underWay('commit', 2))).toBe(COMMITS);
  });

  test('of a commit is that of any reveal while one is due, of a reveal what it is worth', async () => {
    expect(await cap(await underWay('commit', 1), true)).toBe(REVEALS);
    expect(await cap(await underWay('reveal', 2, WORTH), true)).toBe(WORTH);
  });
});
