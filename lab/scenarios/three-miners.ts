import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, checkReserves, untilAllRewarded, untilVerified, unrewarded } from './outcome.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const SEQUENCES = { full: 30, small: 8 };
/** What each puts at risk in a round, in ether: odd ones, so that shares do not come out even. */
const RESERVES = { ada: '15', ben: '12.3456789', cid: '20.000000001' };

export const threeMiners: Scenario = {
  name: 'three-miners',
  happens: 'three honest miners compete for 30 sequences',
  holds: "all verified; every committer's proof rewarded; shares exact to the wei; no penalty",
  seeds: { full: 2, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 5, t2: 400 },
      miners: Object.entries(RESERVES).map(([name, reserve]) => ({ name, deposit: '700', reserve })),
    });
    const { chain, rollup, miners } = field;
    await field.start(miners.map((miner) => [miner, ...EVERYTHING]));

    const batches = Array.from({ length: SEQUENCES[context.size] }, () => random.between(1, 2));
    const posted = await postSequences(chain, rollup, random.fork('postings'), batches);
    const firstPosted = await chain.head();
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 1_500);
    const blocks = (await chain.head()) - firstPosted;
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    const addresses = miners.map(({ wallet }) => wallet.address);
    checks.equal(record.verified.length, posted.length, 'sequences verified');
    const committers = posted.map(
      ({ lastBatch }) => record.commitments.filter((c) => c.finalBatch === lastBatch).length,
    );
    checks.must(committers.includes(miners.length), 'all three commit to the same sequence', committers);
    checks.equal(unrewarded(record, addresses), [], 'commitments whose proof was not rewarded');
    checkReserves(record, checks, miners, RESERVES);
    await checkShares(field, checks, addresses);
    checkNoPenalty(record, checks, miners);
    const wallets = await auditWallets(field, checks, miners);
    return {
      sequences: posted.length,
      commitments: record.commitments.length,
      lateProofs: record.accepted.filter(({ late }) => late).length,
      blocks,
      ...wallets,
    };
  },
};
