import type { Provider } from 'ethers';
import { pagesOf } from '../../activities/chain/log-pages.js';
import type { PostedSequence, RollupRef } from '../../domain/sequence.js';
import { isEvent, postedSequence, rollupContract } from './rollup-contract.js';

/**
 * Finds the posted sequence that holds a batch.
 *
 * @throws Error naming the last batch that is posted if there is none
 */
export async function findPostedSequence(
  provider: Provider,
  rollup: RollupRef,
  launchBlock: number,
  batch: number,
): Promise<PostedSequence> {
  const contract = rollupContract(rollup.rollup, provider);
  let last = 0;
  // From the newest block back: after a rollback the same batch may have been posted twice.
  for (const { from, to } of pagesOf({ from: launchBlock, to: await provider.getBlockNumber() }).reverse()) {
    const events = (await contract.queryFilter('SequencePosted', from, to)).filter((log) =>
      isEvent(log, 'SequencePosted'),
    );
    const page = events.map((event) => postedSequence(rollup, event)).reverse();
    last ||= page[0]?.lastBatch ?? 0;
    const found = page.find(({ firstBatch, lastBatch }) => firstBatch <= batch && batch <= lastBatch);
    if (found) return found;
  }
  throw new Error(
    `Batch ${batch} of rollup ${rollup.rollup} is not posted: ` +
      (last === 0 ? 'nothing is posted there yet' : `the last one is ${last}`),
  );
}
