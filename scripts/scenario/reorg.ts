import { z } from 'zod';
import type { PostedSequence } from '../../workflows/domain/sequence.js';
import { EVERYTHING, openField, type Field } from './field.js';
import { auditWallets, checkNoPenalty, checkShares, untilAllRewarded, untilVerified } from './outcome.js';
import { untilCommitted } from './progress.js';
import type { Random } from './random.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';

const DEEPEST = 10;
/** Sequences are followed to a greater depth than any of these reorgs. */
const SETTINGS = { ZKPOW_CONFIRMATIONS: '12' };
const WITHIN_BLOCKS = 600;

export const reorg: Scenario = {
  name: 'reorg',
  happens:
    '1 to 10 blocks taken back under a posting, a hash, a proof; with even seeds other data is posted again once',
  holds: 'sent again or round read afresh; the new posting is proved as its own sequence',
  seeds: { full: 10, small: 2 },
  async run(context) {
    const { checks, random, seed } = context;
    const field = await openField(context, {
      rollup: { t1: 12, t2: 150 },
      miners: [{ name: 'ada', deposit: '100', settings: SETTINGS }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    await field.start([[ada, ...EVERYTHING]]);
    const postings = createPostings(field, random.fork('postings'));

    await postings.post();
    const depths = [await takeBack(field, await postings.block(), random)];
    const before = await postings.latest();
    if (seed % 2 === 0) await postings.post();
    else await postings.bringBack();
    const first = await postings.latest();
    checks.equal(first.accInputHash !== before.accInputHash, seed % 2 === 0, 'whether another sequence is posted');

    const { block } = await untilCommitted(field, ada.wallet.address, first, 1, WITHIN_BLOCKS);
    depths.push(await takeBack(field, block, random));
    await postings.bringBack();
    await untilVerified(field, first.lastBatch, WITHIN_BLOCKS);
    const accepted = (await readRollupRecord(chain, rollup)).verified[0]?.block ?? 0;
    depths.push(await takeBack(field, accepted, random));
    await postings.bringBack();
    await untilVerified(field, first.lastBatch, WITHIN_BLOCKS);
    // Nothing is stuck afterwards.
    await postings.post();
    const second = await postings.latest();
    await untilVerified(field, second.lastBatch, WITHIN_BLOCKS);
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    const verified = record.posted.map(({ accInputHash }) => accInputHash);
    checks.equal(verified, [first.accInputHash, second.accInputHash], 'sequences on the chain');
    checks.equal(record.verified.length, 2, 'sequences verified');
    checkNoPenalty(record, checks, miners);
    await checkShares(field, record, checks, [ada.wallet.address]);
    return { depths: depths.join(' '), ...(await auditWallets(field, checks, miners)) };
  },
};

/** Takes back all blocks from `block` on, if that is a bit later at most 10; else the newest 10. */
async function takeBack({ chain }: Field, block: number, random: Random): Promise<number> {
  await chain.untilBlock(block + random.below(DEEPEST));
  await chain.clock.pause();
  const depth = Math.min(DEEPEST, (await chain.head()) - block + 1);
  await chain.rpc('anvil_reorg', [depth, []]);
  chain.clock.start();
  return depth;
}

interface Postings {
  /** Posts one more sequence, of other data than all before. */
  post(): Promise<void>;
  /** Sends the last posting again if a reorg took it away. */
  bringBack(): Promise<void>;
  latest(): Promise<PostedSequence>;
  /** Block that holds the last posting. */
  block(): Promise<number>;
}

const rawAnswer = z.string();

function createPostings({ chain, rollup }: Field, random: Random): Postings {
  let last: PostedSequence | null = null;
  let raw = '';
  const current = (): PostedSequence => {
    if (!last) throw new Error('nothing was posted yet');
    return last;
  };
  const receipt = () => chain.provider.getTransactionReceipt(current().transactionHash);
  return {
    async post() {
      const [posted] = await postSequences(chain, rollup, random, [1]);
      if (!posted) throw new Error('nothing was posted');
      last = posted;
      raw = rawAnswer.parse(await chain.rpc('eth_getRawTransactionByHash', [posted.transactionHash]));
    },
    async bringBack() {
      if (await receipt()) return;
      await chain.rpc('eth_sendRawTransaction', [raw]);
      await chain.until('the posting mined again', 20, receipt);
    },
    latest: async () => current(),
    block: async () => current().blockNumber,
  };
}
