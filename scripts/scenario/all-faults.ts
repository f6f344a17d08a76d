import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, checkShares, unrewarded, untilAllRewarded, untilVerified } from './outcome.js';
import { createPostings } from './postings.js';
import { FAULTS, supervise } from './random-faults.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';

const CONFIRMATIONS = '6';
const SEQUENCES = [2, 3] as const;
const FAULT_COUNT = [2, 5] as const;
const PAUSE_BLOCKS = 10;

export const allFaults: Scenario = {
  name: 'random',
  happens: 'all faults mixed',
  holds: '0 lost, 0 double sends, 0 penalties that decide() could have avoided',
  seeds: { full: 200, small: 3 },
  async run(context) {
    const { checks, random } = context;
    // No fault lasts nearly as long as T2, so decide() can avoid every penalty.
    const field = await openField(context, {
      rollup: { t1: random.between(6, 14), t2: 400 },
      miners: [
        { name: 'ada', deposit: '100', settings: { ZKPOW_CONFIRMATIONS: CONFIRMATIONS } },
        ...(random.chance(0.25) ? [{ name: 'rival', deposit: '80' }] : []),
      ],
    });
    const { chain, rollup, miners } = field;
    const [ada, rival] = miners;
    if (!ada) throw new RangeError('no miner');
    const others = await supervise(field, ada, ['aggregator', 'prover']);
    const sender = await supervise(field, ada, ['sender']);
    if (rival) await field.start([[rival, ...EVERYTHING]]);

    const postings = createPostings(field, random.fork('postings'));
    const foreign = new Set<string>();
    const faults: string[] = [];
    const draws = random.fork('faults');
    const pause = async () => chain.untilBlock((await chain.head()) + draws.below(PAUSE_BLOCKS));
    const toPost = draws.between(...SEQUENCES);
    const toFail = draws.between(...FAULT_COUNT);
    while (postings.all.length < toPost || faults.length < toFail) {
      const post = postings.all.length < toPost && (faults.length >= toFail || draws.chance(0.5));
      if (post) await postings.post();
      else {
        const name = draws.pick(Object.keys(FAULTS));
        faults.push(name);
        await FAULTS[name]?.({ field, miner: ada, sender, others, postings, foreign, random: draws });
      }
      await pause();
    }
    const last = postings.all.at(-1)?.lastBatch ?? 0;
    await untilVerified(field, last, 1_500);
    await untilAllRewarded(field, miners, 600);

    const record = await readRollupRecord(chain, rollup);
    const honest = miners.map(({ wallet }) => wallet.address);
    checks.equal(record.verified.length, toPost, 'sequences verified');
    checks.equal(unrewarded(record, honest), [], 'commitments whose proof is lost');
    checkNoPenalty(record, checks, miners);
    await checkShares(field, record, checks, honest);
    const wallets = await auditWallets(field, checks, miners, foreign);
    return { sequences: toPost, faults: faults.join(' '), penalties: record.penalties.length, ...wallets };
  },
};
