import { Wallet } from 'ethers';
import { openTransfersReplay } from '../../activities/proving/transfers/replay.js';
import { readTextFile } from '../../platform/text-file.js';
import { batchCount, type PostedSequence } from '../../workflows/domain/sequence.js';
import type { SequencerOptions } from './command-line.js';
import { connectToChain } from './connect-to-chain.js';
import { postSequence } from './post-sequence.js';
import { prepareSequences, type BatchData } from './prepare-sequences.js';
import { readRollupHistory } from './read-rollup-history.js';
import { parseTransfersFile } from './transfers-file.js';

/**
 * Checks a whole file of transfers against the chain's state, then posts its sequences one after the other.
 *
 * @param report told of every posting and, where they are allowed, of every transfer that will be a no-op
 * @throws Error, FileError: nothing is posted, or the message says what is
 */
export async function runSequencer(options: SequencerOptions, report: (line: string) => void): Promise<void> {
  const file = parseTransfersFile(await readTextFile(options.file), options.file);
  const { provider, close } = await connectToChain(options.rpcUrls);
  try {
    const { rollup, genesis, batches, timestamp } = await readRollupHistory(provider, options.rollup);
    const replay = openTransfersReplay(rollup, genesis);
    for (const batch of batches) await replay.apply(batch);
    const { sequences, refusals } = prepareSequences(
      file,
      { rollup, accounts: replay.accounts() },
      { fileName: options.file, timestamp, allowInvalid: options.allowInvalid },
    );
    for (const { line, field, message } of refusals) report(`no-op: line ${line}, ${field}: ${message}`);
    const signer = new Wallet(options.privateKey, provider);
    await postAll(sequences, options.file, (sequence) => postSequence(signer, rollup.rollup, sequence), report);
  } finally {
    close();
  }
}

async function postAll(
  sequences: readonly BatchData[][],
  fileName: string,
  post: (batches: BatchData[]) => Promise<PostedSequence>,
  report: (line: string) => void,
): Promise<void> {
  const count = sequences.length;
  for (const [i, batches] of sequences.entries()) {
    let posted: PostedSequence;
    try {
      posted = await post(batches);
    } catch (error) {
      if (i === 0) throw error;
      throw new Error(
        `Sequences 1 to ${i} of ${count} are posted, ${i + 1} is not. Take the posted ones out of ${fileName} before ` +
          `running it again. ${messageOf(error)}`,
        { cause: error },
      );
    }
    const { firstBatch, lastBatch, accInputHash, transactionHash, blockNumber } = posted;
    report(
      `sequence ${i + 1}/${count}: batches ${firstBatch} to ${lastBatch} (${batchCount(posted)}), ` +
        `accInputHash ${accInputHash}, tx ${transactionHash}, block ${blockNumber}`,
    );
  }
}

/** What to tell a person of an error. Messages of ethers carry whole transactions; its short ones say the same. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'shortMessage' in error && typeof error.shortMessage === 'string' ? error.shortMessage : error.message;
}
