import { Result, type Wallet } from 'ethers';
import { z } from 'zod';
import { depositByHand } from './deposit.js';
import type { MinerCall } from './miner-command.js';
import { inCoins, openMinerContracts, requireFunds, sendByHand, type MinerContracts } from './miner-contracts.js';

/** Far more than a miner may have open at a time. */
const SETTLE_LIMIT = 1_000;

/** From the contract's `Deposit`: what is being withdrawn, and the block from which on it may be taken. */
const withdrawal = z.tuple([z.unknown(), z.bigint(), z.unknown(), z.bigint()]);

/**
 * Sends what a command asks for, by the miner's wallet.
 *
 * @param rollup address of a `ZkPowRollup`, checked before
 * @returns what was done, in one line
 * @throws Error saying why not, and from when on or by which command; nothing is sent then
 */
export async function runMinerCall(call: MinerCall, rollup: string, wallet: Wallet): Promise<string> {
  const contracts = await openMinerContracts(rollup, wallet);
  const { done, receipt } = await send(call, rollup, wallet, contracts);
  return `${done} in block ${receipt.blockNumber}, transaction ${receipt.hash}`;
}

type Sent = { done: string; receipt: Awaited<ReturnType<typeof sendByHand>> };

async function send(call: MinerCall, rollup: string, wallet: Wallet, contracts: MinerContracts): Promise<Sent> {
  const { pool, rollup: contract } = contracts;
  if (call.command === 'deposit') {
    const receipt = await depositByHand(pool, rollup, wallet, call.amountWei);
    return { done: `Deposited ${inCoins(call.amountWei)}`, receipt };
  }
  await requireFunds(wallet, 0n);
  const miner = wallet.address;
  switch (call.command) {
    case 'withdraw':
      return call.amountWei === undefined
        ? takeWithdrawal(rollup, miner, contracts)
        : askForWithdrawal(call.amountWei, rollup, miner, contracts);
    case 'claim': {
      const owed = z.bigint().parse(await pool.getFunction('owed')(rollup, miner));
      if (owed === 0n) throw new Error(`No reward of rollup ${rollup} is owed to ${miner}: nothing to claim`);
      return { done: `Claimed ${inCoins(owed)}`, receipt: await sendByHand(pool, 'claim', [rollup]) };
    }
    case 'settle': {
      const over: unknown = await contract.getFunction('settleMany').staticCall(miner, SETTLE_LIMIT);
      const count = z.bigint().parse(over);
      if (count === 0n) throw new Error(`${miner} has no commitment whose round is over and not booked yet`);
      const receipt = await sendByHand(contract, 'settleMany', [miner, SETTLE_LIMIT]);
      return { done: `Settled ${count} commitment${count === 1n ? '' : 's'}`, receipt };
    }
    case 'take-back': {
      const receipt = await sendByHand(contract, 'takeBackProofHash', [call.finalBatch]);
      return { done: `Took back the proofHash of the sequence that ends with batch ${call.finalBatch}`, receipt };
    }
  }
}

async function askForWithdrawal(
  amountWei: bigint,
  rollup: string,
  miner: string,
  { pool }: MinerContracts,
): Promise<Sent> {
  const free = z.bigint().parse(await pool.getFunction('freeDepositOf')(rollup, miner));
  if (free < amountWei) {
    throw new Error(
      `The free deposit of ${miner} is ${inCoins(free)}, less than ${inCoins(amountWei)}: reserves of open commitments ` +
        'and what is being withdrawn already cannot be asked for',
    );
  }
  const receipt = await sendByHand(pool, 'requestWithdrawal', [rollup, amountWei]);
  const { block } = await readWithdrawal(rollup, miner, pool);
  const done = `Asked for ${inCoins(amountWei)}, to be taken by "npm run miner -- withdraw" from block ${block} on; asked`;
  return { done, receipt };
}

async function takeWithdrawal(rollup: string, miner: string, { pool }: MinerContracts): Promise<Sent> {
  const { amountWei, block } = await readWithdrawal(rollup, miner, pool);
  if (amountWei === 0n) {
    throw new Error(`Nothing is being withdrawn for ${miner}: "npm run miner -- withdraw AMOUNT" asks for it first`);
  }
  const head = (await pool.runner?.provider?.getBlockNumber()) ?? 0;
  if (BigInt(head) + 1n < block) {
    throw new Error(`${inCoins(amountWei)} may be taken from block ${block} on, the chain is at block ${head}`);
  }
  return { done: `Withdrew ${inCoins(amountWei)}`, receipt: await sendByHand(pool, 'withdraw', [rollup]) };
}

async function readWithdrawal(
  rollup: string,
  miner: string,
  pool: MinerContracts['pool'],
): Promise<{ amountWei: bigint; block: bigint }> {
  const answer: unknown = await pool.getFunction('depositOf')(rollup, miner);
  const [, amountWei, , block] = withdrawal.parse(answer instanceof Result ? answer.toArray() : answer);
  return { amountWei, block };
}
