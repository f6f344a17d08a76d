import { Result, type Provider } from 'ethers';
import { z } from 'zod';
import { readAnnounced, readTerms, type Announced } from './announced-changes.js';
import { amountText, readAsset, type Asset } from './asset.js';
import { readMinerCommitments, type MinerCommitment } from './miner-commitments.js';
import { openMinerContracts } from './miner-contracts.js';
import { readMinerHistory, type MinerHistory } from './miner-history.js';

/** How a miner stands with one rollup. Amounts as decimal strings, in the smallest unit of what the pool keeps. */
export interface MinerStatus {
  miner: string;
  rollup: string;
  pool: string;
  /** What stakes and rewards are in. */
  asset: Asset;
  /** Of the wallet, in the chain's coin: what it pays gas with. */
  balanceWei: string;
  /** The stake, for all rollups of the pool; what commitments of all of them reserve of it; the rest. */
  stakeWei: string;
  reservedWei: string;
  freeWei: string;
  /** What this rollup holds reserved, and the most that the miner lets it hold; null for no cap. */
  heldWei: string;
  capWei: string | null;
  /** What a commitment here may reserve now, and what one of ours would: as the miner wishes, the minimum at least. */
  reservableWei: string;
  neededWei: string;
  /** What settling would do now: commitments closed, reserves freed, rewards booked. */
  settleable: { count: number; reserveWei: string; rewardWei: string };
  /** Rewards to be claimed. */
  owedWei: string;
  /** Not settled yet. */
  commitments: MinerCommitment[];
  announced: Announced;
}

/** As `npm run miner -- status --json` gives it. */
export interface MinerReport extends MinerStatus {
  history: MinerHistory;
}

const amount = z.bigint();
const stakeSchema = z.object({ amount, reserved: amount });
const heldSchema = z.object({ reserved: amount, cap: amount });
const settleableSchema = z.object({ reserve: amount, reward: amount, count: amount });

/** What each commitment of the miner is to reserve by its settings, by the decimals of the pool's asset. */
export type WishedReserve = (decimals: number) => bigint;

export async function readMinerStatus(
  provider: Provider,
  rollup: string,
  miner: string,
  wished: WishedReserve,
): Promise<MinerStatus> {
  const contracts = await openMinerContracts(rollup, provider);
  const read = async (contract: keyof typeof contracts, name: string, ...args: unknown[]): Promise<unknown> => {
    const answer: unknown = await contracts[contract].getFunction(name)(...args);
    return answer instanceof Result ? answer.toObject() : answer;
  };
  const asset = await readAsset(contracts.pool);
  const [balance, stakeAnswer, heldAnswer, reservable, owed, settleableAnswer, terms, commitments, announced] =
    await Promise.all([
      provider.getBalance(miner),
      read('pool', 'stakeOf', miner),
      read('pool', 'rollupStakeOf', rollup, miner),
      read('pool', 'reservableOf', rollup, miner),
      read('pool', 'owed', rollup, miner),
      read('rollup', 'settleable', miner),
      readTerms(contracts.rollup),
      readMinerCommitments(contracts.rollup, miner),
      readAnnounced(contracts.rollup, asset),
    ]);
  const stake = stakeSchema.parse(stakeAnswer);
  const held = heldSchema.parse(heldAnswer);
  const settleable = settleableSchema.parse(settleableAnswer);
  const wishedWei = wished(asset.decimals);
  return {
    ...{ miner, rollup, pool: await contracts.pool.getAddress(), asset },
    balanceWei: String(balance),
    stakeWei: String(stake.amount),
    reservedWei: String(stake.reserved),
    freeWei: String(stake.amount - stake.reserved),
    heldWei: String(held.reserved),
    capWei: held.cap === 0n ? null : String(held.cap),
    reservableWei: String(amount.parse(reservable)),
    neededWei: String(wishedWei > terms.minimumReserve ? wishedWei : terms.minimumReserve),
    settleable: {
      count: Number(settleable.count),
      reserveWei: String(settleable.reserve),
      rewardWei: String(settleable.reward),
    },
    owedWei: String(amount.parse(owed)),
    ...{ commitments, announced },
  };
}

/** A week of 12 s blocks: so far back a report looks where it is not told. */
const REPORTED_BLOCKS = 50_400;

/**
 * How a miner stands with a rollup, and what became of its rounds.
 *
 * @param sinceBlock where the search for rounds begins; by default a week back, or at the launch
 */
export async function readMinerReport(
  provider: Provider,
  rollup: string,
  miner: string,
  wished: WishedReserve,
  sinceBlock?: number,
): Promise<MinerReport> {
  const contracts = await openMinerContracts(rollup, provider);
  const launchBlock = Number(amount.parse(await contracts.rollup.getFunction('launchBlock')()));
  const from = Math.max(launchBlock, sinceBlock ?? (await provider.getBlockNumber()) - REPORTED_BLOCKS);
  const history = await readMinerHistory(contracts.rollup, provider, miner, from);
  return { ...(await readMinerStatus(provider, rollup, miner, wished)), history };
}

/** What keeps the miner from committing, with what to do about it; empty when nothing does. */
export function minerProblems(status: MinerStatus): string[] {
  const problem = stakeProblem(status);
  const { balanceWei, miner } = status;
  return [
    ...(problem === null ? [] : [problem]),
    ...(BigInt(balanceWei) === 0n ? [`The wallet ${miner} has nothing to pay gas with: send it some coins`] : []),
  ];
}

function stakeProblem(status: MinerStatus): string | null {
  const { rollup, asset, capWei } = status;
  const [free, held, needed] = [BigInt(status.freeWei), BigInt(status.heldWei), BigInt(status.neededWei)];
  const freed = BigInt(status.settleable.reserveWei);
  const kept = (units: bigint): string => amountText(units, asset);
  // A commitment settles first what it needs, so what settling would free counts.
  const missing = needed - free - freed;
  if (missing > 0n) {
    return (
      `The free stake is ${kept(free + freed)}, a commitment reserves ${kept(needed)}: ` +
      `npm run miner -- deposit ${kept(missing)} --rollup ${rollup}`
    );
  }
  if (capWei === null || held - freed + needed <= BigInt(capWei)) return null;
  return (
    `Your cap of ${kept(BigInt(capWei))} for this rollup, which holds ${kept(held - freed)}, leaves too little for a ` +
    `commitment, which reserves ${kept(needed)}: npm run miner -- cap AMOUNT --rollup ${rollup}`
  );
}
