import { createHash } from 'node:crypto';
import type { BaseWallet, TransactionReceipt } from 'ethers';
import { awaitReceipt, NonceTakenError, RevertedError } from '../../contracts/await-receipt.js';
import { providerOf, type SendCall } from '../../contracts/send-transaction.js';
import type { ByHandOptions } from '../by-hand/by-hand.js';
import { openSentFile } from '../by-hand/sent-file.js';
import { signAndSend } from '../by-hand/sign-and-send.js';

/** The posting of one file, sequence by sequence, that goes on where an interrupted run of it has stopped. */
export interface PostingRun {
  /** Sequences of the file that were posted by earlier runs. */
  posted: number;
  send: SendCall;
  /** The whole file is posted: the next run of it is another one. */
  end(): void;
}

/**
 * Waits for what an earlier run on this rollup may have left pending, whatever file it was of: the state to which the
 * next transfers are applied holds it.
 *
 * @param content of the file
 */
export async function openPostingRun(
  wallet: BaseWallet,
  rollup: string,
  content: string,
  { runDirectory, report }: ByHandOptions,
): Promise<PostingRun> {
  const provider = providerOf(wallet);
  const store = await openSentFile(runDirectory, provider, wallet.address, `npm run sequencer -- --rollup ${rollup}`);
  const about = createHash('sha256').update(content).digest('hex');
  const earlier = store.read() ?? { about, sent: [] };

  const [pending] = earlier.sent.slice(-1);
  if (pending) {
    report(`An earlier run sent transaction ${pending.hash}, nonce ${pending.nonce}: looking for it`);
    try {
      await awaitReceipt(provider, pending, { what: 'the earlier posting', report });
    } catch (error) {
      if (!isWithoutEffect(error)) throw error;
      report(`It posted nothing: ${error.message}`);
      earlier.sent.pop();
    }
  }
  const file = earlier.about === about ? earlier : { about, sent: [] };
  const posted = file.sent.length;
  const forget = (): void => {
    file.sent.pop();
    store.write(file);
  };
  return {
    posted,
    send: async (call): Promise<TransactionReceipt> => {
      const keep: Parameters<typeof signAndSend>[2]['keep'] = (signed) => {
        file.sent.push(signed);
        store.write(file);
      };
      try {
        return await signAndSend(wallet, call, { keep, drop: forget });
      } catch (error) {
        if (isWithoutEffect(error)) forget();
        throw error;
      }
    },
    end: store.delete,
  };
}

function isWithoutEffect(error: unknown): error is Error {
  return error instanceof NonceTakenError || error instanceof RevertedError;
}
