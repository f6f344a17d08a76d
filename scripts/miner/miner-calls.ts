import { Result, type TransactionReceipt } from 'ethers';
import { z } from 'zod';
import type { ByHand } from '../by-hand/by-hand.js';
import { amountText, parseAmount, readAsset, type Asset } from './asset.js';
import { readTerms } from './announced-changes.js';
import { depositByHand } from './deposit.js';
import type { MinerCall } from './miner-command.js';
import { callOf, openMinerContracts, requireFunds, type MinerContracts } from './miner-contracts.js';

/**
 * Sends what a command asks for, by the miner's wallet; or finds what an interrupted run of it has sent.
 *
 * @param rollup address of a `ZkPowRollup`, checked before
 * @param byHand of this very command
 * @returns what was done, in one line
 * @throws Error saying why not, and from when on or by which command; nothing is sent then
 */
export async function runMinerCall(call: MinerCall, rollup: string, byHand: ByHand): Promise<string> {
  const earlier = await byHand.earlier();
  if (earlier) {
    return (
      `Done by the earlier command, in block ${earlier.blockNumber}, transaction ${earlier.hash}. ` +
      'Nothing was sent now: type it again if it is to be done once more'
    );
  }
  const { wallet } = byHand;
  const contracts = await openMinerContracts(rollup, wallet);
  const asset = await readAsset(contracts.pool);
  const { done, receipt } = await send(call, { ...contracts, asset, address: rollup, miner: wallet.address, byHand });
  return `${done} in block ${receipt.blockNumber}, transaction ${receipt.hash}`;
}

/** A call as it is typed, so that the same command is known again. */
export function minerCallText(call: MinerCall, rollup: string): string {
  const amountOrNone = 'amount' in call ? (call.amount ?? 'none') : undefined;
  const argument = 'finalBatch' in call ? String(call.finalBatch) : amountOrNone;
  return ['npm run miner --', call.command, ...(argument === undefined ? [] : [argument]), '--rollup', rollup].join(
    ' ',
  );
}

type Sent = { done: string; receipt: TransactionReceipt };

/** So that a transaction of them stays far below what one may need. */
const SETTLED_AT_ONCE = 64n;

const amount = z.bigint();
const stakeSchema = z.object({ amount, reserved: amount });
const settleableSchema = z.object({ reserve: amount, reward: amount, count: amount });
type Settleable = z.infer<typeof settleableSchema>;

/** Where a call goes. */
interface Target extends MinerContracts {
  asset: Asset;
  /** Of the rollup. */
  address: string;
  miner: string;
  byHand: ByHand;
}

/** Sends one call of a contract. */
async function sendTo(
  { byHand, address: about, ...contracts }: Target,
  contract: keyof MinerContracts,
  name: string,
  args: readonly unknown[],
): Promise<TransactionReceipt> {
  return byHand.send({ ...(await callOf(contracts[contract], name, args, byHand.report)), rollup: about });
}

async function send(call: MinerCall, target: Target): Promise<Sent> {
  const { pool, asset, address, byHand } = target;
  if (call.command === 'deposit') {
    const amount = parseAmount(call.amount, asset);
    const receipt = await depositByHand(pool, address, byHand, asset, amount);
    return { done: `Deposited ${amountText(amount, asset)}`, receipt };
  }
  await requireFunds(byHand.wallet, 0n);
  switch (call.command) {
    case 'withdraw':
      return withdraw(parseAmount(call.amount, asset), target);
    case 'cap':
      return setCap(call.amount === null ? 0n : parseAmount(call.amount, asset), target);
    case 'claim':
      return claim(target);
    case 'settle':
      return settle(target);
    case 'take-back': {
      const receipt = await sendTo(target, 'rollup', 'takeBackProofHash', [call.finalBatch]);
      return { done: `Took back the proofHash of the sequence that ends with batch ${call.finalBatch}`, receipt };
    }
  }
}

async function withdraw(amount: bigint, target: Target): Promise<Sent> {
  const { pool, rollup, miner, asset, address } = target;
  const { amount: stake, reserved } = stakeSchema.parse(plain(await pool.getFunction('stakeOf')(miner)));
  const kept = (units: bigint): string => amountText(units, asset);
  if (stake - reserved < amount) {
    const { reserve } = await readSettleable(rollup, miner);
    const advice = reserve > 0n ? `. "npm run miner -- settle --rollup ${address}" frees ${kept(reserve)} of it` : '';
    throw new Error(
      `The free stake of ${miner} is ${kept(stake - reserved)}, less than ${kept(amount)}: commitments reserve ` +
        `${kept(reserved)} until they are settled${advice}`,
    );
  }
  const receipt = await sendTo(target, 'pool', 'withdraw', [amount]);
  return { done: `Withdrew ${kept(amount)}, which leaves a stake of ${kept(stake - amount)},`, receipt };
}

async function setCap(cap: bigint, target: Target): Promise<Sent> {
  const { rollup, asset, address } = target;
  const { minimumReserve } = await readTerms(rollup);
  const receipt = await sendTo(target, 'pool', 'setCap', [address, cap]);
  const kept = (units: bigint): string => amountText(units, asset);
  if (cap === 0n) return { done: 'This rollup may hold any part of the stake from now on: set', receipt };
  const tooLow = cap < minimumReserve ? `, too little for a commitment, which needs ${kept(minimumReserve)},` : '';
  return { done: `This rollup may hold ${kept(cap)} of the stake at most${tooLow} from now on: set`, receipt };
}

async function settle(target: Target): Promise<Sent> {
  const { rollup, miner, address } = target;
  const due = await readSettleable(rollup, miner);
  if (due.count === 0n) {
    throw new Error(
      `${miner} has no commitment whose round is over and not booked yet: "npm run miner -- status --rollup ${address}" ` +
        'tells when each is over',
    );
  }
  const left = await settleAllBut(SETTLED_AT_ONCE, due.count, target);
  const receipt = await sendTo(target, 'rollup', 'settleMany', [miner, left]);
  return { done: settledText(due, target.asset), receipt };
}

/** Books what is over first: a share is owed only once it is booked. */
async function claim(target: Target): Promise<Sent> {
  const { pool, rollup, asset, address, miner } = target;
  const readOwed = async (): Promise<bigint> => amount.parse(await pool.getFunction('owed')(address, miner));
  const due = await readSettleable(rollup, miner);
  if ((await readOwed()) + due.reward === 0n) {
    throw new Error(
      `No reward of rollup ${address} is owed to ${miner}: nothing to claim. A share is booked once the reveal window ` +
        `of its round is over: "npm run miner -- status --rollup ${address}" tells when`,
    );
  }
  await settleAllBut(0n, due.count, target);
  const owed = await readOwed();
  const receipt = await sendTo(target, 'pool', 'claim', [address]);
  const settled = due.count === 0n ? '' : `${settledText(due, asset)}. `;
  return { done: `${settled}Claimed ${amountText(owed, asset)}`, receipt };
}

/**
 * Settles in as many transactions as it takes, so that no more than `keep` are left.
 *
 * @returns how many are left
 */
async function settleAllBut(keep: bigint, count: bigint, { rollup, miner, byHand, address }: Target): Promise<bigint> {
  let left = count;
  while (left > keep) {
    const now = left > SETTLED_AT_ONCE ? SETTLED_AT_ONCE : left;
    const call = await callOf(rollup, 'settleMany', [miner, now], byHand.report);
    await byHand.prepare({ ...call, rollup: address });
    left -= now;
  }
  return left;
}

function settledText({ count, reserve, reward }: Settleable, asset: Asset): string {
  const commitments = `${count} commitment${count === 1n ? '' : 's'}`;
  return `Settled ${commitments}: freed ${amountText(reserve, asset)}, booked rewards of ${amountText(reward, asset)}`;
}

async function readSettleable(rollup: MinerContracts['rollup'], miner: string): Promise<Settleable> {
  return settleableSchema.parse(plain(await rollup.getFunction('settleable')(miner)));
}

function plain(answer: unknown): unknown {
  return answer instanceof Result ? answer.toObject() : answer;
}
