import { readFile } from 'node:fs/promises';
import { Wallet } from 'ethers';
import { openTransfersReplay } from '../activities/proving/transfers/replay.js';
import { readEnvironment } from '../workers/settings.js';
import { batchCount } from '../workflows/domain/sequence.js';
import { parseCommandLine, USAGE, type SequencerOptions } from './sequencer/command-line.js';
import { connectToChain } from './sequencer/connect-to-chain.js';
import { postSequence } from './sequencer/post-sequence.js';
import { prepareSequences } from './sequencer/prepare-sequences.js';
import { readRollupHistory } from './sequencer/read-rollup-history.js';
import { parseTransfersFile } from './sequencer/transfers-file.js';

try {
  const options = parseCommandLine(process.argv.slice(2), readEnvironment());
  if (options) await runSequencer(options);
  else console.log(USAGE);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

/** Checks the whole file against the chain's state, then posts its sequences one after the other. */
async function runSequencer(options: SequencerOptions): Promise<void> {
  const file = parseTransfersFile(await readFile(options.file, 'utf8'), options.file);
  const provider = await connectToChain(options.rpcUrl);
  try {
    const { rollup, genesis, batches, timestamp } = await readRollupHistory(provider, options.rollup);
    const replay = openTransfersReplay(rollup, genesis);
    for (const batch of batches) await replay.apply(batch);
    const { sequences, refusals } = prepareSequences(
      file,
      { rollup, accounts: replay.accounts() },
      { fileName: options.file, timestamp, allowInvalid: options.allowInvalid },
    );
    for (const { line, field, message } of refusals) console.log(`no-op: line ${line}, ${field}: ${message}`);

    const signer = new Wallet(options.privateKey, provider);
    for (const [i, sequence] of sequences.entries()) {
      const posted = await postSequence(signer, rollup.rollup, sequence).catch((error: unknown) => {
        if (i === 0) throw error;
        throw new Error(
          `Sequences 1 to ${i} of ${sequences.length} are posted, ${i + 1} is not. Take the posted ones out of ` +
            `${options.file} before running it again. ${messageOf(error)}`,
          { cause: error },
        );
      });
      console.log(
        `sequence ${i + 1}/${sequences.length}: batches ${posted.firstBatch} to ${posted.lastBatch} ` +
          `(${batchCount(posted)}), accInputHash ${posted.accInputHash}, tx ${posted.transactionHash}, ` +
          `block ${posted.blockNumber}`,
      );
    }
  } finally {
    provider.destroy();
  }
}

/** Messages of ethers carry whole transactions; its short ones say the same. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'shortMessage' in error && typeof error.shortMessage === 'string' ? error.shortMessage : error.message;
}
