import type { MinerLimits } from './miner-limits.js';

/** What a miner puts at risk and what it puts up with, by its settings. */
export interface MinerPolicy {
  /** Reserved by each commitment, unless the round's minimum is more; 0 for that minimum. */
  reserveWei: bigint;
  limits: MinerLimits;
}

/** A policy in the smallest units of a pool's coin or token, by the digits that a whole one has behind the point. */
export type PolicyFor = (decimals: number) => MinerPolicy;

/** Reserves what each round asks for at least, and takes any terms. */
export const EASY_POLICY: MinerPolicy = {
  reserveWei: 0n,
  limits: { largestLossWei: null, shortestT2Blocks: null, leastRewardPerGasCost: null, waitsForChanges: false },
};
