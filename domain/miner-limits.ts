/** What the miner puts up with, by its settings; null for no limit. */
export interface MinerLimits {
  /** Most that one commitment may lose. */
  largestLossWei: string | null;
  /** Fewest blocks that a reveal window must have. */
  shortestT2Blocks: number | null;
  /** The expected share must be at least so many times what earning it (commit, reveal, settle, claim) would cost in gas now. */
  leastRewardPerGasCost: number | null;
  /**
   * Nothing is committed that an announced roll back may take out before it could be revealed, and no round is opened while
   * announced settings may be put in force. What both would cost is gas: the reserve is free again, and a commitment names
   * its terms. An admin may let an announcement stand, so waiting for its end is not what a miner has to do.
   */
  waitsForChanges: boolean;
}

/** What a commitment of ours would mean by the terms of the round that it would join, or open. */
export interface Offer {
  /** Most that it could lose: by a wrong proof, or by silence. */
  lossWei: string;
  /** T1 and T2. */
  t1Blocks: number;
  t2Blocks: number;
  /** A + Tmin, A being the posting or the end of a pause before the round: no reveal window opens in an earlier block. */
  revealNotBefore: number;
  /** Its share of the pot if all that stand in the round now and we reveal in time; null where it is paid in a token. */
  rewardWei: string | null;
  /** What commit, reveal, settle and claim would cost now; null where no limit needs it. */
  gasCostWei: string | null;
}

/** Which limit of the miner an offer is beyond. */
export type LimitReached = 'loss-over-limit' | 'window-too-short' | 'reward-too-low';

/** The first limit that an offer is beyond, null if it is within all. What cannot be compared is within. */
export function limitReached(limits: MinerLimits, offer: Offer): LimitReached | null {
  const { largestLossWei, shortestT2Blocks, leastRewardPerGasCost } = limits;
  if (largestLossWei !== null && BigInt(offer.lossWei) > BigInt(largestLossWei)) return 'loss-over-limit';
  if (shortestT2Blocks !== null && offer.t2Blocks < shortestT2Blocks) return 'window-too-short';
  const { rewardWei, gasCostWei } = offer;
  if (leastRewardPerGasCost === null || rewardWei === null || gasCostWei === null) return null;
  return Number(rewardWei) < leastRewardPerGasCost * Number(gasCostWei) ? 'reward-too-low' : null;
}
