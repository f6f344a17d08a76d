import { Result, type Provider } from 'ethers';
import { z } from 'zod';
import { inCoins, openMinerContracts } from './miner-contracts.js';

/** How a miner stands with one rollup. Amounts in wei as decimal strings. */
export interface MinerStatus {
  miner: string;
  rollup: string;
  pool: string;
  /** Of the wallet: what it pays gas with. */
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
  const [balance, booked, free, owed, settings, open] = await Promise.all([
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
    ...{ miner, rollup, pool: await contracts.pool.getAddress() },
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

/** What keeps the miner from committing, with what mends it; empty when nothing does. */
export function minerProblems({ miner, freeWei, neededWei, balanceWei }: MinerStatus): string[] {
  const missing = BigInt(neededWei) - BigInt(freeWei);
  const problems: string[] = [];
  if (missing > 0n) {
    problems.push(
      `The free deposit is ${inCoins(BigInt(freeWei))}, a commitment needs ${inCoins(BigInt(neededWei))}: ` +
        `npm run miner -- deposit ${inCoins(missing)}`,
    );
  }
  if (BigInt(balanceWei) === 0n) problems.push(`The wallet ${miner} has nothing to pay gas with: send it some coins`);
  return problems;
}

export function minerStatusText(status: MinerStatus): string {
  const coins = (wei: string): string => inCoins(BigInt(wei));
  const open = status.openCommitments.map(({ finalBatch, round }) => `batch ${finalBatch} in round ${round}`);
  const rows = [
    ['Miner', status.miner],
    ['Rollup', `${status.rollup}, pool ${status.pool}`],
    ['Wallet', coins(status.balanceWei)],
    [
      'Deposit',
      `${coins(status.depositWei)}: ${coins(status.freeWei)} free, ${coins(status.reservedWei)} reserved, ` +
        `${coins(status.withdrawingWei)} being withdrawn`,
    ],
    ['A commit needs', `${coins(status.neededWei)} free`],
    ['Rewards owed', coins(status.owedWei)],
    ['Commitments', open.length > 0 ? open.join(', ') : 'none open'],
  ];
  const lines = rows.map(([name = '', text = '']) => `${name.padEnd(16)}${text}`);
  return [...lines, ...minerProblems(status).map((problem) => `! ${problem}`)].join('\n');
}
