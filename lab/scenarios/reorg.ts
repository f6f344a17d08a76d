import { EVERYTHING, openField, type Field } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { untilCommitted } from './progress.js';
import { createPostings } from './postings.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const DEEPEST = 10;
/** So that ten seeds in a row have every depth under each of the three, each time with other depths of the others. */
const STRIDES = { posting: 1, hash: 3, proof: 7 };
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
    const depthUnder = (what: keyof typeof STRIDES): number => ((seed * STRIDES[what]) % DEEPEST) + 1;

    const before = await postings.post();
    const depths = [await takeBack(field, before.blockNumber, depthUnder('posting'))];
    // Of other data under the same numbers, so another sequence; or the same bytes again.
    const sequencer = seed % 2 === 0 ? createPostings(field, random.fork('others')) : postings;
    const first = sequencer === postings ? before : await sequencer.post();
    await sequencer.bringBack();

    const { block } = await untilCommitted(field, ada.wallet.address, first, 1, WITHIN_BLOCKS);
    depths.push(await takeBack(field, block, depthUnder('hash')));
    // The hash may have come in the block of its posting.
    await sequencer.bringBack();
    await untilVerified(field, first.lastBatch, WITHIN_BLOCKS);
    const accepted = (await readRollupRecord(chain, rollup)).verified[0]?.block ?? 0;
    depths.push(await takeBack(field, accepted, depthUnder('proof')));
    await untilVerified(field, first.lastBatch, WITHIN_BLOCKS);
    // Nothing is stuck afterwards.
    const second = await sequencer.post();
    await untilVerified(field, second.lastBatch, WITHIN_BLOCKS);
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    const verified = record.posted.map(({ accInputHash }) => accInputHash);
    checks.equal(verified, [first.accInputHash, second.accInputHash], 'sequences on the chain');
    checks.equal(record.verified.length, 2, 'sequences verified');
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    return { depths: depths.join(' '), ...(await auditWallets(field, checks, miners)) };
  },
};

/**
 * Takes back all blocks from `block` on, when there are so many of them.
 *
 * @returns how many there were: more than asked for where the block is noticed late
 */
async function takeBack({ chain }: Field, block: number, depth: number): Promise<number> {
  const top = block + depth - 1;
  await chain.untilBlock(top - 1);
  const release = await chain.clock.hold();
  try {
    const head = await chain.head();
    if (head < top) await chain.clock.mine(top - head);
    const taken = Math.max(depth, head - block + 1);
    if (taken > DEEPEST) throw new Error(`block ${block} was noticed ${taken} blocks late: deeper than ${DEEPEST}`);
    await chain.rpc('anvil_reorg', [taken, []]);
    return taken;
  } finally {
    release();
  }
}
