import { commitTogether } from './commit-together.js';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { factsOf, untilCommitted } from './progress.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares, earnedBy } from './shares.js';

export const lateReveal: Scenario = {
  name: 'late-reveal',
  happens: 'ours is down in T2, a rival verifies',
  holds: 'after its restart ours reveals, and is rewarded: in full within T2, in part afterwards',
  seeds: { full: 4, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 8, t2: 100 },
      miners: [
        { name: 'ada', deposit: '150' },
        { name: 'rival', deposit: '100' },
      ],
    });
    const { chain, rollup, miners } = field;
    const [ada, rival] = miners;
    if (!ada || !rival) throw new RangeError('two miners are needed');
    const ours = await field.start([[ada, ...EVERYTHING]]);
    await field.start([[rival, ...EVERYTHING]]);
    const together = commitTogether(field, miners);
    const [sequence] = await postSequences(chain, rollup, random, [random.between(1, 3)]);
    if (!sequence) throw new RangeError('nothing was posted');
    await together;
    const { round } = await untilCommitted(field, ada.wallet.address, sequence);
    await untilCommitted(field, rival.wallet.address, sequence);

    await ours.kill();
    await untilVerified(field, sequence.lastBatch, 300);
    // In T2, or long after it.
    const downBlocks = random.between(5, 150);
    await chain.untilBlock((await chain.head()) + downBlocks);
    const verified = await readRollupRecord(chain, rollup);
    checks.equal(verified.verified[0]?.firstProver, rival.wallet.address, 'first prover');
    await field.start([[ada, ...EVERYTHING]]);
    const restarted = await chain.head();
    await untilAllRewarded(field, miners, 400);

    const { revealEnd } = await factsOf(field, sequence, ada.wallet.address);
    const record = await checkShares(field, checks, [ada.wallet.address, rival.wallet.address]);
    const own = record.accepted.filter(({ miner }) => miner === ada.wallet.address);
    const isLate = (own[0]?.block ?? 0) >= (revealEnd ?? 0);
    checks.equal(
      own.map(({ late, round: of }) => [late, of]),
      [[isLate, round]],
      'acceptances of ours (late, round)',
    );
    checks.must(earnedBy(record, ada.wallet.address) > 0n, 'the proof is rewarded', own);
    checkNoPenalty(record, checks, miners);
    const wallets = await auditWallets(field, checks, miners);
    return {
      downBlocks,
      late: isLate ? 'yes' : 'no',
      blocksToLateProof: (own[0]?.block ?? restarted) - restarted,
      ...wallets,
    };
  },
};
