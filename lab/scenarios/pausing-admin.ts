import { z } from 'zod';
import { callWithNextCommit } from './at-next-commit.js';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { untilCommitted } from './progress.js';
import { sendTo } from './rival.js';
import { postSequences } from './rollup.js';
import type { Scenario } from './scenario.js';
import { checkShares, earnedBy } from './shares.js';

export const pausingAdmin: Scenario = {
  name: 'pausing-admin',
  happens: "the admin's own miner opens a round, and the admin pauses the rollup in the same block",
  holds: 'ours joins the round all the same, and shares its pot; after the pause all goes on',
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: random.between(60, 80), t2: 200 },
      miners: [
        { name: 'ada', deposit: '100' },
        { name: 'insider', deposit: '100' },
      ],
    });
    const { chain, rollup, miners } = field;
    const [ada, insider] = miners;
    if (!ada || !insider) throw new RangeError('two miners are needed');
    const paused = async (): Promise<boolean> => z.boolean().parse(await rollup.contract.getFunction('paused')());

    await field.start([[insider, ...EVERYTHING]]);
    const together = callWithNextCommit(field, insider, { name: 'pause', place: 'after' });
    const [sequence] = await postSequences(chain, rollup, random, [1]);
    if (!sequence) throw new RangeError('nothing was posted');
    await together;
    const { round, block } = await untilCommitted(field, insider.wallet.address, sequence);
    const [pause] = await rollup.contract.queryFilter('Paused', block);
    checks.equal(pause?.blockNumber, block, 'block of the pause: that of the commitment');

    await field.start([[ada, ...EVERYTHING]]);
    const ours = await untilCommitted(field, ada.wallet.address, sequence);
    checks.equal(ours.round, round, 'the round that ours joins');
    checks.equal(await paused(), true, 'whether the rollup is paused then');
    await untilVerified(field, sequence.lastBatch, 300);
    await untilAllRewarded(field, miners, 200);
    checks.equal(await paused(), true, 'whether the rollup is paused at the end');

    await sendTo(chain, rollup, rollup.admin, 'resume', []);
    const [next] = await postSequences(chain, rollup, random, [1]);
    await untilVerified(field, next?.lastBatch ?? 0, 300);
    await untilAllRewarded(field, miners, 200);

    const addresses = miners.map(({ wallet }) => wallet.address);
    const record = await checkShares(field, checks, addresses);
    const [pot] = record.earmarked;
    const shares = record.booked.filter(({ finalBatch }) => finalBatch === sequence.lastBatch);
    checks.equal(
      shares.map(({ amount }) => amount),
      [(pot?.amount ?? 0n) / 2n, (pot?.amount ?? 0n) / 2n],
      'shares of the round that was opened with the pause',
    );
    checkNoPenalty(record, checks, miners);
    const wallets = await auditWallets(field, checks, miners);
    return { blocksLate: ours.block - block, earnedWei: `${earnedBy(record, ada.wallet.address)}`, ...wallets };
  },
};
