import type { Interface, Provider, Signer, TransactionReceipt } from 'ethers';
import { awaitReceipt, type AwaitOptions } from './await-receipt.js';
import { readChainRules, type ChainRules } from './chain-rules.js';
import { rpcReason } from './rpc-reason.js';
import { gasLimitOf } from './transaction-gas.js';

/** A call of a contract that is to be sent. */
export interface CallToSend extends AwaitOptions {
  to: string;
  data: string;
  valueWei?: bigint;
  /** Whose errors a refusal may hold. */
  errors: Interface;
  /** That the advice in a refusal names. */
  rollup?: string;
}

/** How a call is sent: signed, given to the chain and waited for. */
export type SendCall = (call: CallToSend) => Promise<TransactionReceipt>;

/**
 * Sends by any signer; what it sent is not remembered beyond this process.
 *
 * @throws Error if the call would revert, needs more gas than a transaction may have, or is refused; nothing is sent then
 */
export function sendBy(signer: Signer): SendCall {
  let rules: Promise<ChainRules> | undefined;
  return async ({ to, data, valueWei = 0n, errors, rollup, ...waiting }) => {
    const provider = providerOf(signer);
    const request = { from: await signer.getAddress(), to, data, value: valueWei };
    rules ??= readChainRules(provider);
    const gasLimit = await gasLimitOf({ what: waiting.what, request, errors, rollup }, provider, await rules);
    const sent = await signer.sendTransaction({ ...request, gasLimit }).catch((error: unknown) => {
      throw new Error(`${waiting.what} is refused: ${rpcReason(error, errors, rollup)}`, { cause: error });
    });
    return awaitReceipt(provider, sent, waiting);
  };
}

/** @throws Error if the signer is connected to no chain */
export function providerOf({ provider }: Signer): Provider {
  if (!provider) throw new Error('the signer has no provider: connect it to the base chain first');
  return provider;
}
