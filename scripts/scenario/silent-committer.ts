import { parseEther } from 'ethers';
import { commitHash, sendTo } from './rival.js';
import { EVERYTHING, openField } from './field.js';
import {
  auditWallets,
  checkNoPenalty,
  checkShares,
  depositOf,
  rewardsOf,
  shareOf,
  slashedOf,
  untilAllRewarded,
  untilVerified,
} from './outcome.js';
import { untilCommitted } from './progress.js';
import { deposit, postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';

const LATE_REWARD_BLOCKS = 40;

export const silentCommitter: Scenario = {
  name: 'silent-committer',
  happens: 'one commits and never reveals, another reveals',
  holds: 'no penalty; its share is released later',
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 20, t2: 120, lateRewardBlocks: LATE_REWARD_BLOCKS },
      miners: [{ name: 'ada', deposit: '150' }],
    });
    const { chain, rollup, miners } = field;
    const silent = await chain.wallet('silent');
    await chain.instantly(() => deposit(rollup, silent, parseEther(String(random.between(51, 200)))));
    const before = await depositOf(field, silent.address);

    await field.start(miners.map((miner) => [miner, ...EVERYTHING]));
    const [sequence] = await postSequences(chain, rollup, random, [1]);
    if (!sequence) throw new RangeError('nothing was posted');
    await untilCommitted(field, miners[0]?.wallet.address ?? '', sequence);
    await commitHash(chain, rollup, silent, sequence, random.bytes32());
    await untilVerified(field, sequence.lastBatch, 300);
    await untilAllRewarded(field, miners, 100);

    const record = await readRollupRecord(chain, rollup);
    const [earmark] = record.earmarked;
    const [own] = record.accepted;
    if (!earmark || !own) throw new Error('nothing was accepted');
    const verifiedAt = record.verified[0]?.block ?? 0;
    await chain.untilBlock(verifiedAt + LATE_REWARD_BLOCKS);
    const freeBefore = (await rewardsOf(field)).free;
    await sendTo(chain, rollup, silent, 'releaseLateRewards', [sequence.lastBatch]);
    await sendTo(chain, rollup, silent, 'settleMany', [silent.address, 10]);

    const after = await readRollupRecord(chain, rollup);
    const left = earmark.amount - own.reward;
    checks.must(left >= shareOf(record, silent.address, sequence.lastBatch, earmark.round), 'its share is left');
    checks.equal(
      after.released.map(({ amount }) => amount),
      [left],
      'what was released: all that nobody earned',
    );
    checks.equal((await rewardsOf(field)).free - freeBefore, left, 'what is free for later rewards');
    checks.equal(await depositOf(field, silent.address), before, 'the deposit of the silent one');
    checks.equal(await slashedOf(field), 0n, 'penalties');
    checkNoPenalty(after, checks, miners);
    await checkShares(field, after, checks, [miners[0]?.wallet.address ?? '', silent.address]);
    const wallets = await auditWallets(field, checks, miners);
    return { earmarked: `${earmark.amount}`, releasedWei: `${left}`, ...wallets };
  },
};
