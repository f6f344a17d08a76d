import { getAddress, Interface, type Provider, type Signer } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { providerOf, sendBy, type CallToSend, type SendCall } from '../../contracts/send-transaction.js';
import type { PostedSequence } from '../../domain/sequence.js';
import type { BatchData } from '../../domain/type-sequencer.js';
import { postedSequence, rollupContract } from './rollup-contract.js';

const ROLLUP = new Interface(ROLLUP_ABI);

export interface PostingOptions {
  /** Default: by the signer, remembered by nobody. */
  send?: SendCall;
  /** Told of what is waited for. Default: nobody is. */
  report?(line: string): void;
}

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
  { send = sendBy(signer), report = () => undefined }: PostingOptions = {},
): Promise<PostedSequence> {
  const provider = providerOf(signer);
  const address = await signer.getAddress();
  const chainId = Number((await provider.getNetwork()).chainId);
  await requireSequencer(provider, rollup, address);
  const receipt = await send({ ...postingCall(rollup, batches, address), what: 'the posting', report });
  for (const log of receipt.logs) {
    if (ROLLUP.parseLog(log)?.name !== 'SequencePosted') continue;
    return postedSequence({ chainId, rollup: getAddress(rollup) }, log);
  }
  throw new Error(`Transaction ${receipt.hash} was mined, but tells of no posted sequence`);
}

/** @throws Error if the account may not post, or has nothing to pay gas with */
export async function requireSequencer(provider: Provider, rollup: string, address: string): Promise<void> {
  const sequencer = z.string().parse(await rollupContract(rollup, provider).getFunction('sequencer')());
  if (sequencer !== getAddress(address)) {
    throw new Error(
      `Only ${sequencer} may post to rollup ${rollup}, the key given is that of ${address}: ` +
        'give the key of the sequencer by --key-file or ZKPOW_SEQUENCER_KEY',
    );
  }
  if ((await provider.getBalance(address)) === 0n) {
    const { chainId } = await provider.getNetwork();
    throw new Error(`The sequencer ${address} has nothing on chain ${chainId} to pay gas with: send it some coins`);
  }
}

/** The transaction that posts a sequence. */
export function postingCall(
  rollup: string,
  batches: readonly BatchData[],
  l2Coinbase: string,
): Pick<CallToSend, 'to' | 'data' | 'errors'> {
  return { to: rollup, data: ROLLUP.encodeFunctionData('sequenceBatches', [batches, l2Coinbase]), errors: ROLLUP };
}
