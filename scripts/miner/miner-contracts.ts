import { Contract, type BaseWallet, type ContractRunner } from 'ethers';
import { z } from 'zod';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import type { CallToSend } from '../../contracts/send-transaction.js';
import { inCoins } from './asset.js';

/** A rollup and its pool, for calls by a person. */
export interface MinerContracts {
  rollup: Contract;
  pool: Contract;
}

const address = z.string();

/** @param rollup address of a `ZkPowRollup`, checked before */
export async function openMinerContracts(rollup: string, runner: ContractRunner): Promise<MinerContracts> {
  const contract = new Contract(rollup, ROLLUP_ABI, runner);
  const pool = address.parse(await contract.getFunction('pool')());
  return { rollup: contract, pool: new Contract(pool, POOL_ABI, runner) };
}

/**
 * A call of a contract, as it is sent by hand.
 *
 * @param report told of what is waited for
 */
export async function callOf(
  contract: Contract,
  name: string,
  args: readonly unknown[],
  report: (line: string) => void,
  valueWei = 0n,
): Promise<CallToSend> {
  const data = contract.interface.encodeFunctionData(name, args);
  return { to: await contract.getAddress(), data, valueWei, errors: contract.interface, what: name, report };
}

/** @throws Error naming what is missing if the wallet cannot pay an amount and the gas for sending it */
export async function requireFunds(wallet: BaseWallet, amountWei: bigint): Promise<void> {
  const { provider } = wallet;
  if (!provider) throw new Error('the wallet is not connected to a chain');
  const [balance, chain] = await Promise.all([provider.getBalance(wallet.address), provider.getNetwork()]);
  if (balance > amountWei) return;
  throw new Error(
    `The wallet ${wallet.address} holds ${inCoins(balance)} on chain ${chain.chainId}; this needs ${inCoins(amountWei)} ` +
      'and something for gas: send it some coins first',
  );
}
