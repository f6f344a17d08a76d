import { Result, type TransactionReceipt } from 'ethers';
import { z } from 'zod';
import type { ByHand } from '../by-hand/by-hand.js';
import { amountText, parseAmount, readAsset, type Asset } from './asset.js';
import { depositByHand } from './deposit.js';
import type { MinerCall } from './miner-command.js';
import { callOf, openMinerContracts, requireFunds, type MinerContracts } from './miner-contracts.js';

/** Far more than a miner may have open at a time. */
const SETTLE_LIMIT = 1_000;

/** From the contract's `Deposit`: what is being withdrawn, and the block from which on it may be taken. */
const withdrawal = z.tuple([z.unknown(), z.bigint(), z.unknown(), z.bigint()]);

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
  const argument = 'amount' in call ? call.amount : 'finalBatch' in call ? String(call.finalBatch) : undefined;
  return ['npm run miner --', call.command, ...(argument === undefined ? [] : [argument]), '--rollup', rollup].join(
    ' ',
  );
}

type Sent = { done: string; receipt: TransactionReceipt };

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
  const { pool, rollup, asset, address, miner, byHand } = target;
  if (call.command === 'deposit') {
    const amount = parseAmount(call.amount, asset);
    const receipt = await depositByHand(pool, address, byHand, asset, amount);
    return { done: `Deposited ${amountText(amount, asset)}`, receipt };
  }
  await requireFunds(byHand.wallet, 0n);
  switch (call.command) {
    case 'withdraw':
      return call.amount === undefined
        ? takeWithdrawal(target)
        : askForWithdrawal(parseAmount(call.amount, asset), target);
    case 'claim': {
      const owed = z.bigint().parse(await pool.getFunction('owed')(address, miner));
      if (owed === 0n) throw new Error(`No reward of rollup ${address} is owed to ${miner}: nothing to claim`);
      return { done: `Claimed ${amountText(owed, asset)}`, receipt: await sendTo(target, 'pool', 'claim', [address]) };
    }
    case 'settle': {
      const over: unknown = await rollup.getFunction('settleMany').staticCall(miner, SETTLE_LIMIT);
      const count = z.bigint().parse(over);
      if (count === 0n) throw new Error(`${miner} has no commitment whose round is over and not booked yet`);
      const receipt = await sendTo(target, 'rollup', 'settleMany', [miner, SETTLE_LIMIT]);
      return { done: `Settled ${count} commitment${count === 1n ? '' : 's'}`, receipt };
    }
    case 'take-back': {
      const receipt = await sendTo(target, 'rollup', 'takeBackProofHash', [call.finalBatch]);
      return { done: `Took back the proofHash of the sequence that ends with batch ${call.finalBatch}`, receipt };
    }
  }
}

async function askForWithdrawal(amount: bigint, target: Target): Promise<Sent> {
  const { pool, address, miner, asset } = target;
  const free = z.bigint().parse(await pool.getFunction('freeDepositOf')(address, miner));
  if (free < amount) {
    throw new Error(
      `The free deposit of ${miner} is ${amountText(free, asset)}, less than ${amountText(amount, asset)}: reserves of ` +
        'open commitments and what is being withdrawn already cannot be asked for',
    );
  }
  const receipt = await sendTo(target, 'pool', 'requestWithdrawal', [address, amount]);
  const { block } = await readWithdrawal(address, miner, pool);
  const asked = amountText(amount, asset);
  return {
    done: `Asked for ${asked}, to be taken by "npm run miner -- withdraw --rollup ${address}" from block ${block} on; asked`,
    receipt,
  };
}

async function takeWithdrawal(target: Target): Promise<Sent> {
  const { pool, address, miner, asset } = target;
  const { amount, block } = await readWithdrawal(address, miner, pool);
  if (amount === 0n) {
    throw new Error(
      `Nothing is being withdrawn for ${miner}: "npm run miner -- withdraw AMOUNT --rollup ${address}" asks for it first`,
    );
  }
  const head = (await pool.runner?.provider?.getBlockNumber()) ?? 0;
  if (BigInt(head) + 1n < block) {
    throw new Error(`${amountText(amount, asset)} may be taken from block ${block} on, the chain is at block ${head}`);
  }
  return {
    done: `Withdrew ${amountText(amount, asset)}`,
    receipt: await sendTo(target, 'pool', 'withdraw', [address]),
  };
}

async function readWithdrawal(
  rollup: string,
  miner: string,
  pool: MinerContracts['pool'],
): Promise<{ amount: bigint; block: bigint }> {
  const answer: unknown = await pool.getFunction('depositOf')(rollup, miner);
  const [, amount, , block] = withdrawal.parse(answer instanceof Result ? answer.toArray() : answer);
  return { amount, block };
}
