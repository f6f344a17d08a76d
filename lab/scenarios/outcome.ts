import { parseEther, Result } from 'ethers';
import { z } from 'zod';
import type { Checks } from './checks.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';
import type { Figures } from './scenario.js';
import { auditWallet } from './wallet-audit.js';

const wei = z.bigint();
const stakeSchema = z.object({ amount: wei, reserved: wei });
const rewardsSchema = z.object({ free: wei, earmarked: wei, owed: wei });

export async function stakeOf({ rollup }: Field, address: string): Promise<z.infer<typeof stakeSchema>> {
  return stakeSchema.parse(structOf(await rollup.pool.getFunction('stakeOf')(address)));
}

export async function rewardsOf({ rollup }: Field): Promise<z.infer<typeof rewardsSchema>> {
  return rewardsSchema.parse(structOf(await rollup.pool.getFunction('rewardsOf')(rollup.address)));
}

function structOf(answer: unknown): unknown {
  return answer instanceof Result ? answer.toObject() : answer;
}

export async function owedTo({ rollup }: Field, address: string): Promise<bigint> {
  return wei.parse(await rollup.pool.getFunction('owed')(rollup.address, address));
}

export async function slashedOf({ rollup }: Field): Promise<bigint> {
  return wei.parse(await rollup.pool.getFunction('slashed')(rollup.address));
}

export async function lastVerifiedBatch({ rollup }: Field): Promise<number> {
  return Number(wei.parse(await rollup.contract.getFunction('lastVerifiedBatch')()));
}

/** Waits until every sequence up to a batch is verified. */
export async function untilVerified(field: Field, lastBatch: number, withinBlocks: number): Promise<void> {
  await field.chain.until(`batch ${lastBatch} verified`, withinBlocks, async () =>
    (await lastVerifiedBatch(field)) >= lastBatch ? true : null,
  );
}

/**
 * Waits until every commitment of these miners in an accepted round has had its proof accepted.
 *
 * @param except commitments whose proof cannot come
 */
export async function untilAllRewarded(
  field: Field,
  miners: readonly Miner[],
  withinBlocks: number,
  except: (commitment: RollupRecord['commitments'][number]) => boolean = () => false,
): Promise<void> {
  const addresses = miners.map(({ wallet }) => wallet.address);
  await field.chain.until('every committed proof accepted', withinBlocks, async () => {
    const record = await readRollupRecord(field.chain, field.rollup);
    return unrewarded(record, addresses).every(except) ? true : null;
  });
}

/** Commitments in rounds with an accepted proof whose own proof was not accepted. */
export function unrewarded(record: RollupRecord, miners: readonly string[]): RollupRecord['commitments'] {
  return standing(record).filter(
    ({ miner, finalBatch, round }) =>
      miners.includes(miner) &&
      record.earmarked.some((earmark) => earmark.finalBatch === finalBatch && earmark.round === round) &&
      !record.accepted.some((a) => a.miner === miner && a.finalBatch === finalBatch && a.round === round),
  );
}

/** Commitments that were not taken back. */
export function standing(record: RollupRecord): RollupRecord['commitments'] {
  return record.commitments.filter(
    ({ miner, finalBatch, round }) =>
      !record.takenBack.some((t) => t.miner === miner && t.finalBatch === finalBatch && t.round === round),
  );
}

/**
 * Every commitment puts at risk what its miner's settings say.
 *
 * @param reserves in ether, by the miner's name
 */
export function checkReserves(
  record: RollupRecord,
  checks: Checks,
  miners: readonly Miner[],
  reserves: Readonly<Record<string, string>>,
): void {
  for (const { name, wallet } of miners) {
    const wanted = parseEther(reserves[name] ?? '0');
    const others = record.commitments.filter(({ miner, reserve }) => miner === wallet.address && reserve !== wanted);
    checks.equal(others, [], `commitments of ${name} that reserve other than ${wanted}`);
  }
}

/** No penalty was booked for these miners, and none waits to be booked. */
export function checkNoPenalty(record: RollupRecord, checks: Checks, miners: readonly Miner[]): void {
  for (const { name, wallet } of miners) {
    const booked = record.penalties.filter(({ miner }) => miner === wallet.address);
    checks.must(booked.length === 0, `${name} pays no penalty`, booked);
    const failed = failedCommitments(record, wallet.address);
    checks.must(failed.length === 0, `${name} has no commitment in a failed round`, failed);
  }
}

/** Commitments of rounds that ended with nothing accepted: another round, or a later block than their end, shows it. */
export function failedCommitments(record: RollupRecord, miner: string): RollupRecord['commitments'] {
  return standing(record).filter(
    (c) =>
      c.miner === miner &&
      record.commitments.some((other) => other.finalBatch === c.finalBatch && other.round > c.round) &&
      !record.earmarked.some((e) => e.finalBatch === c.finalBatch && e.round === c.round),
  );
}

/** Waits until what was mined is final, then holds the rows of these miners against the chain. */
export async function auditWallets(
  field: Field,
  checks: Checks,
  miners: readonly Miner[],
  foreign: ReadonlySet<string> = new Set(),
): Promise<Figures> {
  await settleDown(field, miners);
  const figures = { transactions: 0, doubleSends: 0, reverted: 0, noOps: 0 };
  const revertedWith: string[] = [];
  let gasUsed = 0n;
  for (const miner of miners) {
    const audited = await auditWallet(field, miner, checks, foreign);
    revertedWith.push(...audited.revertedWith);
    for (const key of ['transactions', 'doubleSends', 'reverted', 'noOps'] as const) figures[key] += audited[key];
    gasUsed += audited.gasUsed;
  }
  const reverts = revertedWith.length > 0 ? { revertedWith: revertedWith.sort().join(' ') } : {};
  return { ...figures, ...reverts, gasUsed: gasUsed.toString() };
}

/** No row is pending or mined any more: each is final, withdrawn, or was never signed. */
async function settleDown({ chain }: Field, miners: readonly Miner[]): Promise<void> {
  await chain.until('no row under way', 200, async () => {
    for (const { pool } of miners) {
      const { rowCount } = await pool.query(`SELECT 1 FROM transactions WHERE state IN ('pending', 'mined') LIMIT 1`);
      if (rowCount !== 0) return null;
    }
    return true;
  });
}
