import type { BaseWallet, TransactionReceipt } from 'ethers';
import { awaitReceipt, NonceTakenError, RevertedError } from '../../contracts/await-receipt.js';
import { providerOf, type SendCall } from '../../contracts/send-transaction.js';
import { openSentFile } from './sent-file.js';
import { signAndSend, type SignedTransaction } from './sign-and-send.js';

/** Where commands keep what they send, and how they tell of it. */
export interface ByHandOptions {
  /** Of the home. */
  runDirectory: string;
  report(line: string): void;
}

/** What one command sends by hand: never the same twice, however often it is interrupted and typed again. */
export interface ByHand {
  wallet: BaseWallet;
  report(line: string): void;
  /** Sends what the command is for. */
  send: SendCall;
  /** Sends what has to be done before it, as an approval of a token. */
  prepare: SendCall;
  /**
   * Waits for what an earlier, interrupted run of this command has sent.
   *
   * @returns the receipt of what the command is for; null if that has not been sent
   */
  earlier(): Promise<TransactionReceipt | null>;
}

/** @param command as it is typed, with the rollup's address */
export async function openByHand(
  wallet: BaseWallet,
  command: string,
  { runDirectory, report }: ByHandOptions,
): Promise<ByHand> {
  const provider = providerOf(wallet);
  const file = await openSentFile(runDirectory, provider, wallet.address, command);
  const sendFor =
    (about: 'the command' | 'its preparation'): SendCall =>
    async (call) => {
      const keeping = { keep: (signed: SignedTransaction) => file.write({ about, sent: [signed] }), drop: file.delete };
      return untilItsEnd(() => signAndSend(wallet, call, keeping), file.delete);
    };
  return {
    wallet,
    report,
    send: sendFor('the command'),
    prepare: sendFor('its preparation'),
    async earlier() {
      const { about, sent: [signed] = [] } = file.read() ?? {};
      if (!signed) return null;
      report(`An earlier "${command}" sent transaction ${signed.hash}, nonce ${signed.nonce}: looking for it`);
      const waiting = () => awaitReceipt(provider, signed, { what: `the earlier "${command}"`, report });
      const receipt = await untilItsEnd(waiting, file.delete);
      return about === 'the command' ? receipt : null;
    },
  };
}

/** Forgets a transaction when it is known what became of it: it was mined, reverted, or can never be mined. */
async function untilItsEnd(wait: () => Promise<TransactionReceipt>, forget: () => void): Promise<TransactionReceipt> {
  try {
    const receipt = await wait();
    forget();
    return receipt;
  } catch (error) {
    if (error instanceof NonceTakenError || error instanceof RevertedError) forget();
    throw error;
  }
}
