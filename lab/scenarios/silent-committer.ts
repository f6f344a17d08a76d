import { parseEther } from 'ethers';
import { commitHash } from './rival.js';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, stakeOf, slashedOf, untilAllRewarded, untilVerified } from './outcome.js';
import { untilCommitted } from './progress.js';
import { deposit, postSequences } from './rollup.js';
import type { Scenario } from './scenario.js';
import { checkShares, earnedBy } from './shares.js';

export const silentCommitter: Scenario = {
  name: 'silent-committer',
  happens: 'one commits and never reveals, another reveals',
  holds: 'no penalty, its reserve is free again; the one that reveals has the whole pot',
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 20, t2: 120 },
      miners: [{ name: 'ada', deposit: '150' }],
    });
    const { chain, rollup, miners } = field;
    const silent = await chain.wallet('silent');
    await chain.instantly(() => deposit(rollup, silent, parseEther(String(random.between(11, 200)))));
    const before = await stakeOf(field, silent.address);

    await field.start(miners.map((miner) => [miner, ...EVERYTHING]));
    const [sequence] = await postSequences(chain, rollup, random, [1]);
    if (!sequence) throw new RangeError('nothing was posted');
    await untilCommitted(field, miners[0]?.wallet.address ?? '', sequence);
    await commitHash(chain, rollup, silent, sequence, random.bytes32());
    await untilVerified(field, sequence.lastBatch, 300);
    await untilAllRewarded(field, miners, 100);

    const ours = miners[0]?.wallet.address ?? '';
    const record = await checkShares(field, checks, [ours, silent.address]);
    const [earmark] = record.earmarked;
    checks.equal(earnedBy(record, ours), earmark?.amount, 'what the one that reveals earned: the whole pot');
    checks.equal(await stakeOf(field, silent.address), before, 'the stake of the silent one');
    checks.equal(await slashedOf(field), 0n, 'penalties');
    checkNoPenalty(record, checks, miners);
    const wallets = await auditWallets(field, checks, miners);
    return { earmarked: `${earmark?.amount}`, ...wallets };
  },
};
