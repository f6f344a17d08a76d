import { Result, type Provider } from 'ethers';
import { z } from 'zod';
import { amountText, inCoins, readAsset, type Asset } from './asset.js';
import { openMinerContracts } from './miner-contracts.js';
import { readMinerHistory, type MinerHistory, type MinerRound } from './miner-history.js';

/** How a miner stands with one rollup. Amounts as decimal strings, in the smallest unit of what the pool keeps. */
export interface MinerStatus {
  miner: string;
  rollup: string;
  pool: string;
  /** What deposits and rewards are in. */
  asset: Asset;
  /** Of the wallet, in the chain's coin: what it pays gas with. */
  balanceWei: string;
  depositWei: string;
  withdrawingWei: string;
  /** Held for the silence penalties of open commitments. */
  reservedWei: string;
  freeWei: string;
  /** Free deposit that the next commitment needs. */
  neededWei: string;
  /** Rewards to be claimed. */
  owedWei: string;
  openCommitments: { finalBatch: number; round: number }[];
}

/** As `npm run miner -- status --json` gives it. */
export interface MinerReport extends MinerStatus {
  history: MinerHistory;
}

const amount = z.bigint();
const deposit = z.tuple([amount, amount, amount]).rest(z.unknown());
const parameters = z.tuple([z.tuple([z.unknown(), z.unknown(), amount, z.unknown(), amount]).rest(z.unknown())]);
const commitments = z.array(z.tuple([z.bigint(), z.bigint()]));

export async function readMinerStatus(provider: Provider, rollup: string, miner: string): Promise<MinerStatus> {
  const contracts = await openMinerContracts(rollup, provider);
  const read = async (contract: keyof typeof contracts, name: string, ...args: unknown[]): Promise<unknown> => {
    const answer: unknown = await contracts[contract].getFunction(name)(...args);
    return answer instanceof Result ? answer.toArray(true) : answer;
  };
  const [asset, balance, booked, free, owed, settings, open] = await Promise.all([
    readAsset(contracts.pool),
    provider.getBalance(miner),
    read('pool', 'depositOf', rollup, miner),
    read('pool', 'freeDepositOf', rollup, miner),
    read('pool', 'owed', rollup, miner),
    read('rollup', 'parameters'),
    read('rollup', 'openCommitments', miner),
  ]);
  const [total, withdrawing, reserved] = deposit.parse(booked);
  const [[, , silencePenalty, , minimumDeposit]] = parameters.rest(z.unknown()).parse(settings);
  return {
    ...{ miner, rollup, pool: await contracts.pool.getAddress(), asset },
    balanceWei: String(balance),
    depositWei: String(total),
    withdrawingWei: String(withdrawing),
    reservedWei: String(reserved),
    freeWei: String(amount.parse(free)),
    neededWei: String(minimumDeposit + silencePenalty),
    owedWei: String(amount.parse(owed)),
    openCommitments: commitments
      .parse(open)
      .map(([finalBatch, round]) => ({ finalBatch: Number(finalBatch), round: Number(round) })),
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
  sinceBlock?: number,
): Promise<MinerReport> {
  const contracts = await openMinerContracts(rollup, provider);
  const launchBlock = Number(amount.parse(await contracts.rollup.getFunction('launchBlock')()));
  const from = Math.max(launchBlock, sinceBlock ?? (await provider.getBlockNumber()) - REPORTED_BLOCKS);
  const history = await readMinerHistory(contracts.rollup, provider, miner, from);
  return { ...(await readMinerStatus(provider, rollup, miner)), history };
}

/** What keeps the miner from committing, with what mends it; empty when nothing does. */
export function minerProblems({ miner, rollup, asset, freeWei, neededWei, balanceWei }: MinerStatus): string[] {
  const missing = BigInt(neededWei) - BigInt(freeWei);
  const problems: string[] = [];
  if (missing > 0n) {
    problems.push(
      `The free deposit is ${amountText(BigInt(freeWei), asset)}, a commitment needs ` +
        `${amountText(BigInt(neededWei), asset)}: npm run miner -- deposit ${amountText(missing, asset)} --rollup ${rollup}`,
    );
  }
  if (BigInt(balanceWei) === 0n) problems.push(`The wallet ${miner} has nothing to pay gas with: send it some coins`);
  return problems;
}

/** What is said of an accepted proof that earned nothing. */
export const NO_REWARD = 'reward 0: no reward money was left for the rollup';
/** Rounds shown to a person, the newest: `--json` gives them all. */
const SHOWN_ROUNDS = 20;

export function minerReportText(report: MinerReport): string {
  const { fromBlock, rounds, rewardsWei, penaltiesWei } = report.history;
  const more = rounds.length - SHOWN_ROUNDS;
  return [
    minerStatusText(report),
    '',
    `Rounds since block ${fromBlock}: ${rounds.length}, rewards ${amountText(BigInt(rewardsWei), report.asset)}, ` +
      `penalties ${amountText(BigInt(penaltiesWei), report.asset)}`,
    ...rounds.slice(0, SHOWN_ROUNDS).map((round) => roundLine(round, report)),
    ...(more > 0 ? [`  and ${more} older ones: --json lists them all`] : []),
  ].join('\n');
}

function roundLine(
  { finalBatch, round, committedBlock, outcome, rewardWei, penaltyWei }: MinerRound,
  { asset, rollup }: Pick<MinerStatus, 'asset' | 'rollup'>,
): string {
  const news: string[] = [outcome];
  if (rewardWei !== '0') news.push(`reward ${amountText(BigInt(rewardWei), asset)}`);
  else if (outcome === 'accepted' || outcome === 'accepted late') news.push(NO_REWARD);
  if (penaltyWei !== '0') news.push(`penalty ${amountText(BigInt(penaltyWei), asset)}`);
  const advice = outcome === 'failed' ? `: npm run miner -- settle --rollup ${rollup}` : '';
  return `  batch ${finalBatch}, round ${round}, committed in block ${committedBlock}: ${news.join(', ')}${advice}`;
}

export function minerStatusText(status: MinerStatus): string {
  const { token, symbol, decimals } = status.asset;
  const kept = (units: string): string => amountText(BigInt(units), status.asset);
  const open = status.openCommitments.map(({ finalBatch, round }) => `batch ${finalBatch} in round ${round}`);
  const rows = [
    ['Miner', status.miner],
    ['Rollup', `${status.rollup}, pool ${status.pool}`],
    ...(token === null ? [] : [['Kept in', `the token ${symbol ?? ''} ${token}, ${decimals} digits behind the point`]]),
    ['Wallet', inCoins(BigInt(status.balanceWei))],
    [
      'Deposit',
      `${kept(status.depositWei)}: ${kept(status.freeWei)} free, ${kept(status.reservedWei)} reserved, ` +
        `${kept(status.withdrawingWei)} being withdrawn`,
    ],
    ['A commit needs', `${kept(status.neededWei)} free`],
    ['Rewards owed', kept(status.owedWei)],
    ['Commitments', open.length > 0 ? open.join(', ') : 'none open'],
  ];
  const lines = rows.map(([name = '', text = '']) => `${name.padEnd(16)}${text}`);
  return [...lines, ...minerProblems(status).map((problem) => `! ${problem}`)].join('\n');
}
