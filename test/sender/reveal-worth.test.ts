import { parseEther, parseUnits, ZeroAddress } from 'ethers';
import { describe, expect, test } from 'vitest';
import type { SequenceFacts } from '../../activities/chain/rollup-facts.js';
import { revealFeeCap } from '../../activities/sender/reveal-worth.js';
import { TEST_SETTINGS } from './sender-scene.js';

const ROLLUP = '0x00000000000000000000000000000000000000bb';
const TOKEN = '0x00000000000000000000000000000000000000DD';
/** With bookkeeping: a million. */
const FIXED_GAS = 800_000n;
const SETTINGS = {
  ...TEST_SETTINGS,
  commitFeeCapWei: parseUnits('100', 'gwei'),
  revealFeeCapWei: parseUnits('1000', 'gwei'),
};

type Worth = Pick<SequenceFacts, 'acceptedRound' | 'ownReward' | 'ownWeight'> & { silenceShare: number };

function capOf({ silenceShare, ...worth }: Worth, asset = ZeroAddress): Promise<bigint> {
  return revealFeeCap(
    { settings: SETTINGS, assetOf: async () => asset },
    { ...worth, terms: { silenceShare } },
    ROLLUP,
    FIXED_GAS,
  );
}

const OPEN: Worth = { acceptedRound: 0, ownReward: 0n, ownWeight: parseEther('4'), silenceShare: 1_000 };

describe('the most that is paid for a reveal', () => {
  test('is what it earns and the penalty that it saves', async () => {
    expect(await capOf(OPEN)).toBe(parseUnits('400', 'gwei'));
    expect(await capOf({ ...OPEN, ownReward: parseEther('0.2') })).toBe(parseUnits('600', 'gwei'));
  });

  test('counts no penalty once a proof is accepted', async () => {
    expect(await capOf({ ...OPEN, acceptedRound: 7, ownReward: parseEther('0.3') })).toBe(parseUnits('300', 'gwei'));
  });

  test('stays within the caps of the settings', async () => {
    expect(await capOf({ ...OPEN, ownWeight: parseEther('1000') })).toBe(SETTINGS.revealFeeCapWei);
    expect(await capOf({ ...OPEN, ownWeight: 1n })).toBe(SETTINGS.commitFeeCapWei);
  });

  test('is the cap of the settings where stakes are in a token, which has no price in gas', async () => {
    expect(await capOf({ ...OPEN, ownWeight: 1n }, TOKEN)).toBe(SETTINGS.revealFeeCapWei);
  });
});
