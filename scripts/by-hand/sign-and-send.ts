import { keccak256, type BaseWallet, type Provider, type TransactionReceipt } from 'ethers';
import { awaitReceipt, type SentTransaction } from '../../contracts/await-receipt.js';
import { readChainRules } from '../../contracts/chain-rules.js';
import { isRefusedForGood, isRpcRefusal, rpcReason } from '../../contracts/rpc-reason.js';
import { providerOf, type CallToSend } from '../../contracts/send-transaction.js';
import { gasLimitOf } from '../../contracts/transaction-gas.js';

/** A transaction that can be given to the chain again, also by another process. */
export type SignedTransaction = SentTransaction & { raw: string };

export interface Keeping {
  /** Called before it is given to the chain: from then on it may be mined, whatever becomes of this process. */
  keep(signed: SignedTransaction): void;
  /** Called when it certainly was not taken. */
  drop(): void;
}

/**
 * Sends a call by hand: says the transaction's hash before it is given to the chain, and waits until it is mined.
 *
 * @throws Error if the call would revert, needs more gas than a transaction may have, or is refused; nothing is sent then
 * @throws NonceTakenError if another transaction took its place
 */
export async function signAndSend(
  wallet: BaseWallet,
  call: CallToSend,
  { keep, drop }: Keeping,
): Promise<TransactionReceipt> {
  const { to, data, valueWei = 0n, errors, rollup, what, report } = call;
  const provider = providerOf(wallet);
  const request = { from: wallet.address, to, data, value: valueWei };
  const gasLimit = await gasLimitOf({ what, request, errors, rollup }, provider, await readChainRules(provider));
  const nonce = await nextNonce(provider, wallet.address);
  const raw = await wallet.signTransaction(await wallet.populateTransaction({ ...request, gasLimit, nonce }));
  const signed: SignedTransaction = { hash: keccak256(raw), from: wallet.address, nonce, raw };
  keep(signed);
  report(
    `Sending ${what}: transaction ${signed.hash}, nonce ${nonce}. If this is interrupted, the same command finds it`,
  );
  try {
    await provider.broadcastTransaction(raw);
  } catch (error) {
    const isKnown = await provider.getTransaction(signed.hash).catch(() => null);
    if (isRefusedForGood(error) && !isKnown) {
      drop();
      throw new Error(`${what} is refused: ${rpcReason(error, errors, rollup)}`, { cause: error });
    }
    // Nobody knows whether it arrived: what follows looks for it, and gives it to the chain again.
    if (!isKnown) report(`Whether the chain has it is not known (${rpcReason(error, errors, rollup)}): looking for it`);
  }
  return awaitReceipt(provider, signed, call);
}

/** With what waits to be mined; where the endpoint cannot tell, without. */
async function nextNonce(provider: Provider, address: string): Promise<number> {
  try {
    return await provider.getTransactionCount(address, 'pending');
  } catch (error) {
    if (!isRpcRefusal(error)) throw error;
    return provider.getTransactionCount(address, 'latest');
  }
}
