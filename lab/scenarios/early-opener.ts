import { parseEther } from 'ethers';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, owedTo, stakeOf, untilAllRewarded, untilVerified } from './outcome.js';
import { factsOf, untilCommitted } from './progress.js';
import { commitHash, sendTo } from './rival.js';
import { deposit, postSequences } from './rollup.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const T1 = 3;
const T_MIN = 110;
/** How long before its predecessor can be revealed the second sequence is posted. */
const LEAD = 24;

export const earlyOpener: Scenario = {
  name: 'early-opener',
  happens:
    'a Sybil opens a held round with junk, its fast partner joins just before the predecessor is verified, the Sybil takes back; ours comes some blocks later',
  holds: 'proofs wait for Tmin after the posting: ours commits in time, and has its share',
  seeds: { full: 4, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: T1, t2: 300, tMin: T_MIN },
      miners: [
        { name: 'ada', deposit: '100' },
        { name: 'partner', deposit: '100' },
      ],
    });
    const { chain, rollup, miners } = field;
    const [ada, partner] = miners;
    if (!ada || !partner) throw new RangeError('two miners are needed');
    const sybil = await chain.wallet('sybil');
    await chain.instantly(() => deposit(rollup, sybil, parseEther('10')));
    const before = await stakeOf(field, sybil.address);

    await field.start([[partner, ...EVERYTHING]]);
    const [first] = await postSequences(chain, rollup, random, [1]);
    if (!first) throw new RangeError('nothing was posted');
    await untilCommitted(field, partner.wallet.address, first);
    await chain.untilBlock(first.blockNumber + T_MIN - LEAD);
    const [held] = await postSequences(chain, rollup, random, [1]);
    if (!held) throw new RangeError('nothing was posted');
    await commitHash(chain, rollup, sybil, held, random.bytes32());
    const { round } = await untilCommitted(field, partner.wallet.address, held);
    await chain.untilBlock(round + T1 - 1);
    const takenBack = await sendTo(chain, rollup, sybil, 'takeBackProofHash', [held.lastBatch]);
    checks.equal(takenBack.status, 1, 'whether the Sybil could take its hash back');
    await untilVerified(field, first.lastBatch, 200);

    await chain.untilBlock((await chain.head()) + random.between(2, 8));
    const verifiedAt = (await factsOf(field, held, ada.wallet.address)).predecessorVerifiedBlock ?? 0;
    await field.start([[ada, ...EVERYTHING]]);
    const ours = await untilCommitted(field, ada.wallet.address, held);
    const { revealStart } = await factsOf(field, held, ada.wallet.address);
    checks.must(ours.block > verifiedAt + 1, 'ours commits when by T1 and the predecessor alone it would be too late', {
      block: ours.block,
      verifiedAt,
    });
    checks.equal(ours.round, round, 'the round that ours joins: the one that the Sybil opened');
    checks.equal(revealStart, held.blockNumber + T_MIN, 'R: Tmin after the posting');
    await untilVerified(field, held.lastBatch, 300);
    await untilAllRewarded(field, miners, 200);

    const record = await checkShares(
      field,
      checks,
      [ada, partner].map(({ wallet }) => wallet.address),
    );
    const pot = record.earmarked.find(({ finalBatch }) => finalBatch === held.lastBatch)?.amount ?? 0n;
    const shares = record.booked.filter(({ finalBatch }) => finalBatch === held.lastBatch);
    checks.equal(
      shares.map(({ amount }) => amount),
      [pot / 2n, pot / 2n],
      'shares of the round that the Sybil opened',
    );
    checks.equal(await owedTo(field, sybil.address), 0n, 'what the Sybil earned');
    checks.equal(await stakeOf(field, sybil.address), before, 'the stake of the Sybil');
    checkNoPenalty(record, checks, miners);
    const wallets = await auditWallets(field, checks, miners);
    return { blocksAfterPredecessor: ours.block - verifiedAt, ...wallets };
  },
};
