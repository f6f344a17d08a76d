import { Result } from 'ethers';
import { z } from 'zod';
import type { Checks } from './checks.js';
import type { Field } from './field.js';
import { owedTo, rewardsOf } from './outcome.js';
import { factsOf } from './progress.js';
import { sendTo } from './rival.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';

type Accepted = RollupRecord['accepted'][number];

/** Part of its share that a late proof earns, in basis points, as scenarios launch their rollups; and a whole. */
const LATE_SHARE = 2_500n;
const WHOLE = 10_000n;
/** More than anybody commits in a run; and how many are settled in one transaction. */
const MOST_COMMITMENTS = 256;
const AT_ONCE = 64;
const GAS_LIMIT = 12_000_000;

/**
 * Makes blocks up to the end of the last reveal window with an accepted proof, and has all commitments of rounds that are
 * over settled, as anybody may do.
 */
export async function settleAll(field: Field): Promise<RollupRecord> {
  const { chain, rollup } = field;
  const record = await readRollupRecord(chain, rollup);
  const last = record.verified.at(-1);
  const posted = record.posted.find(({ lastBatch }) => lastBatch === last?.lastBatch);
  if (!posted) return record;
  const settler = await chain.wallet('settler');
  const { firstBatch, lastBatch } = posted;
  const place = { chainId: chain.chainId, rollup: rollup.address, firstBatch, lastBatch };
  const { revealEnd } = await factsOf(field, place, settler.address);
  const head = await chain.head();
  if (revealEnd !== null && head < revealEnd) await chain.clock.mine(revealEnd - head);
  const miners = new Set(record.commitments.map(({ miner }) => miner));
  await chain.instantly(async () => {
    for (const miner of miners) {
      for (let settled = 0; settled < MOST_COMMITMENTS && (await isSettleable(field, miner)); settled += AT_ONCE) {
        await sendTo(chain, rollup, settler, 'settleMany', [miner, AT_ONCE], { gasLimit: GAS_LIMIT });
      }
    }
  });
  return readRollupRecord(chain, rollup);
}

/** What the settings make of an accepted proof, to the wei: a share of the pot by reserves, or a part of one if late. */
export function earningOf(record: RollupRecord, proof: Accepted): bigint {
  const { finalBatch, round } = proof;
  const inRound = (other: { finalBatch: number; round: number }): boolean =>
    other.finalBatch === finalBatch && other.round === round;
  const weightOf = ({ miner }: Accepted): bigint =>
    record.commitments.find((c) => inRound(c) && c.miner === miner)?.reserve ?? 0n;
  const pot = record.earmarked.find(inRound)?.amount ?? 0n;
  const accepted = record.accepted.filter(inRound);
  const inTime = accepted.filter(({ late }) => !late).reduce((sum, other) => sum + weightOf(other), 0n);
  if (!proof.late) return (pot * weightOf(proof)) / inTime;
  const earlier = accepted.slice(0, accepted.indexOf(proof)).filter(({ late }) => late);
  const left = (pot * LATE_SHARE) / WHOLE - earlier.reduce((sum, { lateReward }) => sum + lateReward, 0n);
  const own = (((pot * weightOf(proof)) / (inTime + weightOf(proof))) * LATE_SHARE) / WHOLE;
  return own < left ? own : left;
}

/** What each miner was booked and paid late, by address. */
export function earnedBy({ booked, accepted }: RollupRecord, miner: string): bigint {
  const shares = booked.filter((b) => b.miner === miner).reduce((sum, { amount }) => sum + amount, 0n);
  return accepted.filter((a) => a.miner === miner).reduce((sum, { lateReward }) => sum + lateReward, shares);
}

/**
 * Once everything is settled, every accepted proof was paid exactly what it earned, all of it is owed, and nothing of any
 * pot is kept back.
 *
 * @param miners addresses
 */
export async function checkShares(field: Field, checks: Checks, miners: readonly string[]): Promise<RollupRecord> {
  const record = await settleAll(field);
  for (const proof of record.accepted) {
    const { miner, finalBatch, round, late, lateReward } = proof;
    const shares = record.booked.filter((b) => b.miner === miner && b.finalBatch === finalBatch && b.round === round);
    const paid = late ? [lateReward] : shares.map(({ amount }) => amount);
    const what = `what ${miner} earned with batch ${finalBatch}, round ${round}${late ? ', late' : ''}`;
    checks.equal(paid, [earningOf(record, proof)], what);
  }
  for (const miner of miners) {
    checks.equal(await owedTo(field, miner), earnedBy(record, miner), `what is owed to ${miner}`);
  }
  checks.equal((await rewardsOf(field)).earmarked, 0n, 'what is still set aside for proofs');
  return record;
}

async function isSettleable({ rollup }: Field, miner: string): Promise<boolean> {
  return settleableCount.parse(await rollup.contract.getFunction('settleable')(miner)) > 0n;
}

const settleableCount = z
  .custom<Result>((answer) => answer instanceof Result)
  .transform((answer) => z.bigint().parse(answer.getValue('count')));
