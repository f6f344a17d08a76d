import { z } from 'zod';
import type { MinerPolicy } from '../../activities/chain/miner-policy.js';
import { parseAmountOf } from '../../activities/chain/pool-asset.js';
import { settingInfo, type SettingUser } from './setting-info.js';
import { decimalText, wholeNumber } from './setting-kinds.js';

const COINS = 'an amount in whole coins or tokens of the pool, with at most 9 decimals';
/** Both decide: the sender looks again right before it signs. */
const DECIDERS: readonly SettingUser[] = ['scripts', 'aggregator', 'sender'];

/** What a miner puts at risk and what it puts up with: a part of the table of all settings. None has to be set. */
export const policySettings = {
  reservePerCommitment: decimalText().register(settingInfo, {
    env: 'ZKPOW_RESERVE_PER_COMMITMENT',
    description:
      'How much of the stake each commitment reserves: its weight in the shares, and the most it can lose. Without it, or ' +
      "where it is less, the rollup's minimum.",
    expected: COINS,
    usedBy: DECIDERS,
  }),
  largestLoss: decimalText().register(settingInfo, {
    env: 'ZKPOW_LARGEST_LOSS',
    description: "Nothing is committed where a commitment could lose more than this by the round's terms.",
    expected: COINS,
    usedBy: DECIDERS,
  }),
  shortestT2Blocks: wholeNumber(1).register(settingInfo, {
    env: 'ZKPOW_SHORTEST_T2_BLOCKS',
    description: 'Nothing is committed to a round whose reveal window (T2) has fewer blocks than this.',
    expected: 'a whole number of blocks, at least 1',
    usedBy: DECIDERS,
  }),
  leastRewardPerGasCost: z
    .string()
    .regex(/^\d+(\.\d+)?$/)
    .transform(Number)
    .register(settingInfo, {
      env: 'ZKPOW_LEAST_REWARD_PER_GAS_COST',
      description:
        'Nothing is committed where the share that a proof would earn now is less than so many times what commit, reveal, ' +
        'settle and claim cost in gas now. Of rewards in a token, which cannot be compared with gas, any but 0 is enough.',
      expected: 'a number, as 1 or 2.5',
      usedBy: DECIDERS,
    }),
  waitForChanges: z.enum(['yes', 'no']).register(settingInfo, {
    env: 'ZKPOW_WAIT_FOR_CHANGES',
    description:
      'With yes nothing is committed that an announced roll back may take out before it could be revealed, and no round is ' +
      'opened while announced settings may be put in force. Either would cost gas only, and an announcement may stand for ' +
      'long, so without it commitments go on.',
    expected: 'yes or no',
    usedBy: DECIDERS,
  }),
};

type PolicySettings = z.infer<z.ZodObject<typeof policySettings>>;

/**
 * The settings as `decide` takes them.
 *
 * @param decimals digits that a whole coin or token of the pool has behind the point
 * @throws Error if an amount is finer than that
 */
export function minerPolicy(
  given: { [Name in keyof PolicySettings]?: PolicySettings[Name] | undefined },
  decimals: number,
): MinerPolicy {
  const { reservePerCommitment = '0', largestLoss, shortestT2Blocks, leastRewardPerGasCost, waitForChanges } = given;
  return {
    reserveWei: unitsOf('ZKPOW_RESERVE_PER_COMMITMENT', reservePerCommitment, decimals),
    limits: {
      largestLossWei:
        largestLoss === undefined ? null : unitsOf('ZKPOW_LARGEST_LOSS', largestLoss, decimals).toString(),
      shortestT2Blocks: shortestT2Blocks ?? null,
      leastRewardPerGasCost: leastRewardPerGasCost ?? null,
      waitsForChanges: waitForChanges === 'yes',
    },
  };
}

/** Variables of limits that are not set: nothing stops a commitment there. */
export function unsetLimits(given: { [Name in keyof PolicySettings]?: PolicySettings[Name] | undefined }): string[] {
  const limits = ['largestLoss', 'shortestT2Blocks', 'leastRewardPerGasCost'] as const;
  return limits
    .filter((name) => given[name] === undefined)
    .flatMap((name) => settingInfo.get(policySettings[name])?.env ?? []);
}

function unitsOf(setting: string, amount: string, decimals: number): bigint {
  try {
    return parseAmountOf(amount, decimals, "the pool's token");
  } catch (error) {
    throw new Error(`${setting}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
