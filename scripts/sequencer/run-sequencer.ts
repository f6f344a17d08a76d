import { Wallet } from 'ethers';
import { readTextFile } from '../../platform/text-file.js';
import { batchCount, type PostedSequence } from '../../domain/sequence.js';
import type { ByHandOptions } from '../by-hand/by-hand.js';
import type { SequencerOptions } from './command-line.js';
import { connectToChain } from './connect-to-chain.js';
import { openPostingRun } from './posting-run.js';
import { requirePostable } from './posting-size.js';
import { postSequence, requireSequencer } from './post-sequence.js';
import type { BatchData } from '../../domain/type-sequencer.js';
import { findInstalledType } from '../../rollup-types/registry.js';
import { readRollupHistory, readRollupType } from './read-rollup-history.js';

/**
 * Checks a whole file, as the rollup's type has it, against the chain's state, then posts its sequences one after the
 * other. Where an earlier run of the same file was interrupted, it goes on after what that has posted.
 *
 * @param byHand told of every posting and, where they are allowed, of everything that will be a no-op
 * @throws Error, FileError: nothing is posted, or the message says what is
 */
export async function runSequencer(options: SequencerOptions, byHand: ByHandOptions): Promise<void> {
  const content = await readTextFile(options.file);
  const { report } = byHand;
  const { provider, close } = await connectToChain(options.rpcUrls);
  try {
    const signer = new Wallet(options.privateKey, provider);
    const { sequencer } = findInstalledType(await readRollupType(provider, options.rollup));
    const file = sequencer.openFile(content, options.file);
    const run = await openPostingRun(signer, options.rollup, content, byHand);
    const { count } = file;
    if (run.posted >= count) {
      run.end();
      return report(
        `All of ${options.file} was posted by an earlier run, nothing now: run it again to post it once more`,
      );
    }
    if (run.posted > 0) report(`An earlier run has posted ${run.posted} of ${count} sequences: going on with the next`);

    const history = await readRollupHistory(provider, options.rollup);
    const { rollup } = history;
    await requireSequencer(provider, rollup.rollup, signer.address);
    const { allowInvalid } = options;
    const { sequences, refusals } = await file.prepare(history, { from: run.posted, allowInvalid });
    const place = { fileName: options.file, rollup: rollup.rollup, sequencer: signer.address, provider };
    await requirePostable(sequences, { ...place, before: run.posted });
    for (const { line, field, message } of refusals) report(`no-op: line ${line}, ${field}: ${message}`);
    const post = (sequence: BatchData[]) => postSequence(signer, rollup.rollup, sequence, { send: run.send, report });
    await postAll(sequences, { fileName: options.file, before: run.posted, post, report });
    run.end();
  } finally {
    close();
  }
}

interface Posting {
  fileName: string;
  /** Sequences of the file that were posted before. */
  before: number;
  post(batches: BatchData[]): Promise<PostedSequence>;
  report(line: string): void;
}

async function postAll(sequences: readonly BatchData[][], { fileName, before, post, report }: Posting): Promise<void> {
  const count = before + sequences.length;
  for (const [index, batches] of sequences.entries()) {
    const done = before + index;
    let posted: PostedSequence;
    try {
      posted = await post(batches);
    } catch (error) {
      if (done === 0) throw error;
      throw new Error(
        `Sequences 1 to ${done} of ${count} are posted, ${done + 1} is not. The same command goes on with it; take the ` +
          `posted ones out of ${fileName} if you change the file. ${messageOf(error)}`,
        { cause: error },
      );
    }
    const { firstBatch, lastBatch, accInputHash, transactionHash, blockNumber } = posted;
    report(
      `sequence ${done + 1}/${count}: batches ${firstBatch} to ${lastBatch} (${batchCount(posted)}), ` +
        `accInputHash ${accInputHash}, tx ${transactionHash}, block ${blockNumber}`,
    );
  }
}

/** What to tell a person of an error. Messages of ethers carry whole transactions; its short ones say the same. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'shortMessage' in error && typeof error.shortMessage === 'string' ? error.shortMessage : error.message;
}
