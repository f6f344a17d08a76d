import { z } from 'zod';
import type { PostedSequence } from '../../domain/sequence.js';
import type { Field } from './field.js';
import type { Random } from './random.js';
import { postSequences } from './rollup.js';

/** A sequencer that looks after what it posted. */
export interface Postings {
  /** Posts one more sequence, of other data than all before. */
  post(batches?: number): Promise<PostedSequence>;
  /** What a reorg took away is sent again, with the same bytes. */
  bringBack(): Promise<void>;
  /** Posts other data in place of the last sequence, which a reorg has taken away, and brings back those before it. */
  replaceLast(): Promise<PostedSequence>;
  /** As first posted: a reorg may have moved some to other blocks. */
  readonly all: readonly PostedSequence[];
}

const rawAnswer = z.string();

export function createPostings({ chain, rollup }: Field, random: Random): Postings {
  const all: PostedSequence[] = [];
  const raw = new Map<string, string>();
  const postings: Postings = {
    all,
    async post(batches = 1) {
      const [posted] = await postSequences(chain, rollup, random, [batches]);
      if (!posted) throw new Error('nothing was posted');
      const hash = posted.transactionHash;
      raw.set(hash, rawAnswer.parse(await chain.rpc('eth_getRawTransactionByHash', [hash])));
      all.push(posted);
      return posted;
    },
    async bringBack() {
      for (const { transactionHash: hash } of all) {
        const receipt = () => chain.provider.getTransactionReceipt(hash);
        if ((await receipt()) !== null) continue;
        await chain.rpc('eth_sendRawTransaction', [raw.get(hash)]);
        const again = await chain.until('the posting mined again', 20, receipt);
        if (again.status !== 1) throw new Error(`posting ${hash} was mined again, and reverted`);
      }
    },
    async replaceLast() {
      all.pop();
      await postings.bringBack();
      return postings.post();
    },
  };
  return postings;
}
