import type { Provider } from 'ethers';
import { readChainRules } from '../../contracts/chain-rules.js';
import { gasLimitOf } from '../../contracts/transaction-gas.js';
import { postingCall } from './post-sequence.js';
import type { BatchData, TypeSequencer } from '../../domain/type-sequencer.js';

/** Largest transaction that nodes take from others: 128 KiB (geth's `txMaxSize`, and the same elsewhere). */
const MOST_TRANSACTION_BYTES = 131_072;
/** What surrounds the data of a transaction at most: nonce, fees, gas, addresses, signature. */
const ENVELOPE_BYTES = 200;
/** Of a call: selector, offset and length of the list, coinbase. */
const CALL_BYTES = 4 + 3 * 32;
/** Of a batch beside its data: its place, four fields, the data's length. */
const BATCH_HEAD_BYTES = 6 * 32;

/** Batches that fit into one posting, if each is full. */
export function mostFullBatches({ batchBytes }: Pick<TypeSequencer, 'batchBytes'>): number {
  return Math.floor((MOST_TRANSACTION_BYTES - ENVELOPE_BYTES - CALL_BYTES) / (BATCH_HEAD_BYTES + batchBytes));
}

export interface PostingPlace {
  /** Names the sequences in errors. */
  fileName: string;
  rollup: string;
  sequencer: string;
  provider: Provider;
  /** Sequences of the file before these. */
  before: number;
}

/**
 * Looks at every sequence before the first is posted: what comes after one that cannot be posted would stand on nothing.
 *
 * @throws Error naming the sequences that are too large for nodes, or need more gas than a transaction may have
 */
export async function requirePostable(sequences: readonly BatchData[][], place: PostingPlace): Promise<void> {
  const { fileName, rollup, sequencer, provider, before } = place;
  const tooLarge = sequences.flatMap((batches, index) => {
    const bytes = ENVELOPE_BYTES + (postingCall(rollup, batches, sequencer).data.length - 2) / 2;
    if (bytes <= MOST_TRANSACTION_BYTES) return [];
    const fits = Math.max(1, Math.floor((batches.length * MOST_TRANSACTION_BYTES) / bytes));
    return [
      `sequence ${before + index + 1} (${batches.length} batches) makes a transaction of ${bytes} bytes, nodes take at ` +
        `most ${MOST_TRANSACTION_BYTES}: put about ${fits} of its batches into one sequence and the others into the next`,
    ];
  });
  if (tooLarge.length > 0) throw new Error(`Nothing was posted. In ${fileName}:\n${tooLarge.join('\n')}`);
  const rules = await readChainRules(provider);
  for (const [index, batches] of sequences.entries()) {
    const { to, data, errors } = postingCall(rollup, batches, sequencer);
    const what = `The posting of sequence ${before + index + 1} of ${fileName} (${batches.length} batches)`;
    await gasLimitOf({ what, request: { from: sequencer, to, data }, errors }, provider, rules);
  }
}
