import { emptyTemporal } from './empty-temporal.js';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { untilCommitted } from './progress.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const SEQUENCES = 2;
const T1 = 10;

export const pendingAtStart: Scenario = {
  name: 'pending-at-start',
  happens: "all of a miner is killed between hash and proof; with even seeds Temporal's database is empty afterwards",
  holds: 'it resumes in the same round; one hash transaction only',
  seeds: { full: 6, small: 2 },
  async run(context) {
    const { arena, checks, random, seed } = context;
    const field = await openField(context, {
      rollup: { t1: T1, t2: 200 },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const first = await field.start([[ada, ...EVERYTHING]]);
    const posted = await postSequences(chain, rollup, random, Array<number>(SEQUENCES).fill(1));
    for (const sequence of posted) await untilCommitted(field, ada.wallet.address, sequence);
    const made = (await readRollupRecord(chain, rollup)).commitments;

    await first.kill();
    const downBlocks = random.between(1, 3 * T1);
    await chain.untilBlock((await chain.head()) + downBlocks);
    if (seed % 2 === 0) await emptyTemporal(arena, ada);
    await field.start([[ada, ...EVERYTHING]]);
    const startedAt = await chain.head();
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 400);
    const blocksToVerify = (await chain.head()) - startedAt;
    await untilAllRewarded(field, miners, 100);

    const record = await readRollupRecord(chain, rollup);
    checks.equal(record.commitments, made, 'commitments on the chain: those made before the kill');
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners);
    checks.equal(wallets['transactions'], 2 * SEQUENCES, 'transactions: a hash and a proof for each sequence');
    return { emptyTemporal: seed % 2 === 0 ? 'yes' : 'no', downBlocks, blocksToVerify, ...wallets };
  },
};
