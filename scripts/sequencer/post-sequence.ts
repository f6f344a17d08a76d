import { getAddress, isCallException, type BaseContract, type ContractTransactionReceipt, type Signer } from 'ethers';
import { z } from 'zod';
import type { PostedSequence } from '../../workflows/domain/sequence.js';
import type { BatchData } from './prepare-sequences.js';
import { isEvent, postedSequence, rollupContract } from './rollup-contract.js';

/**
 * Posts one sequence and waits until it is mined. The signer's address becomes the batches' coinbase.
 *
 * @throws Error if the signer is not the rollup's sequencer or has nothing to pay gas with, or the contract refuses;
 * nothing is posted then
 */
export async function postSequence(
  signer: Signer,
  rollup: string,
  batches: readonly BatchData[],
): Promise<PostedSequence> {
  const { provider } = signer;
  if (!provider) throw new Error('The signer of a posting must be connected to a chain');
  const address = await signer.getAddress();
  const chainId = Number((await provider.getNetwork()).chainId);
  const contract = rollupContract(rollup, signer);
  const sequencer = z.string().parse(await contract.getFunction('sequencer')());
  if (sequencer !== getAddress(address)) {
    throw new Error(
      `Only ${sequencer} may post to rollup ${rollup}, the key given is that of ${address}: ` +
        'give the key of the sequencer by --key-file or ZKPOW_SEQUENCER_KEY',
    );
  }
  if ((await provider.getBalance(address)) === 0n) {
    throw new Error(`The sequencer ${address} has nothing on chain ${chainId} to pay gas with: send it some coins`);
  }
  const receipt = await send(contract, batches, address);
  const event = receipt.logs.find((log) => isEvent(log, 'SequencePosted'));
  if (!event) throw new Error(`Transaction ${receipt.hash} was mined, but tells of no posted sequence`);
  return postedSequence({ chainId, rollup: getAddress(rollup) }, event);
}

async function send(
  contract: BaseContract,
  batches: readonly BatchData[],
  l2Coinbase: string,
): Promise<ContractTransactionReceipt> {
  try {
    const response = await contract.getFunction('sequenceBatches').send(batches, l2Coinbase);
    const receipt = await response.wait();
    if (!receipt) throw new Error(`Transaction ${response.hash} has no receipt`);
    return receipt;
  } catch (error) {
    throw refusal(contract, error) ?? error;
  }
}

/** What the contract itself says against a transaction; undefined for any other failure. */
function refusal(contract: BaseContract, error: unknown): Error | undefined {
  if (!isCallException(error) || !error.data) return undefined;
  const reason = contract.interface.parseError(error.data);
  if (!reason) return undefined;
  return new Error(`The rollup refuses the posting: ${reason.name}(${reason.args.join(', ')})`, { cause: error });
}
