import { Contract, isCallException, type ContractRunner, type ContractTransactionReceipt, type Wallet } from 'ethers';
import { z } from 'zod';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { describeRevert } from '../../contracts/describe-error.js';
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
 * Sends one transaction and waits until it is mined.
 *
 * @throws Error in the contract's words if it refuses, or if the wallet cannot pay; nothing is sent then
 */
export async function sendByHand(
  contract: Contract,
  name: string,
  args: readonly unknown[],
  valueWei = 0n,
): Promise<ContractTransactionReceipt> {
  try {
    const sent = await contract.getFunction(name).send(...args, { value: valueWei });
    const receipt = await sent.wait();
    if (!receipt) throw new Error(`Transaction ${sent.hash} has no receipt`);
    return receipt;
  } catch (error) {
    if (!isCallException(error)) throw error;
    const reason = error.data ? describeRevert(contract.interface, error.data) : error.shortMessage;
    throw new Error(`The contract refuses ${name}: ${reason}`, { cause: error });
  }
}

/** @throws Error naming what is missing if the wallet cannot pay an amount and the gas for sending it */
export async function requireFunds(wallet: Wallet, amountWei: bigint): Promise<void> {
  const { provider } = wallet;
  if (!provider) throw new Error('the wallet is not connected to a chain');
  const [balance, chain] = await Promise.all([provider.getBalance(wallet.address), provider.getNetwork()]);
  if (balance > amountWei) return;
  throw new Error(
    `The wallet ${wallet.address} holds ${inCoins(balance)} on chain ${chain.chainId}; this needs ${inCoins(amountWei)} ` +
      'and something for gas: send it some coins first',
  );
}
