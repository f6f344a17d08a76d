import { parseEther } from 'ethers';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { commitHash, sendTo } from './rival.js';
import { deposit, postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const SEQUENCES = { full: 20, small: 6 };
const T1 = 6;

export const junkOpener: Scenario = {
  name: 'junk-opener',
  happens: 'an enemy commits junk on 20 posted sequences before anyone has a proof',
  holds:
    'the first, unheld one costs it a penalty and the honest miners one round; in all later ones honest miners commit as their proofs come; no honest penalty',
  seeds: { full: 2, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: T1, t2: 160 },
      miners: [
        { name: 'ada', deposit: '300' },
        { name: 'ben', deposit: '300' },
      ],
    });
    const { chain, rollup, miners } = field;
    const enemy = await chain.wallet('enemy');
    await chain.instantly(() => deposit(rollup, enemy, parseEther('300')));
    const posted = await postSequences(chain, rollup, random, Array<number>(SEQUENCES[context.size]).fill(1));
    const [first, ...later] = posted;
    if (!first) throw new RangeError('nothing was posted');
    await chain.instantly(async () => {
      for (const sequence of posted) await commitHash(chain, rollup, enemy, sequence, random.bytes32());
    });
    const opened = (await readRollupRecord(chain, rollup)).commitments;
    await chain.untilBlock((opened[0]?.round ?? 0) + T1);
    await field.start(miners.map((miner) => [miner, ...EVERYTHING]));
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 1_500);
    await untilAllRewarded(field, miners, 200);
    await sendTo(chain, rollup, enemy, 'settleMany', [enemy.address, 100]);

    const record = await readRollupRecord(chain, rollup);
    const paid = record.penalties.map(({ miner, finalBatch, kind, amount }) => [miner, finalBatch, kind, amount]);
    checks.equal(paid, [[enemy.address, first.lastBatch, 'silence', parseEther('1')]], 'penalties');
    checkNoPenalty(record, checks, miners);
    const roundsOf = (batch: number): number[] => [
      ...new Set(record.commitments.filter((c) => c.finalBatch === batch).map(({ round }) => round)),
    ];
    checks.equal(roundsOf(first.lastBatch).length, 2, 'rounds of the first sequence');
    for (const { lastBatch } of later) {
      const junk = opened.find(({ finalBatch }) => finalBatch === lastBatch);
      checks.equal(
        roundsOf(lastBatch),
        [junk?.round],
        `rounds of batch ${lastBatch}: only the one that the junk opened`,
      );
    }
    checks.equal(
      record.accepted.filter(({ miner }) => miner === enemy.address),
      [],
      'proofs of the enemy accepted',
    );
    const honest = miners.map(({ wallet }) => wallet.address);
    await checkShares(field, checks, [...honest, enemy.address]);
    const wallets = await auditWallets(field, checks, miners);
    const own = record.commitments.filter(({ miner }) => honest.includes(miner));
    return { sequences: posted.length, honestCommitments: own.length, ...wallets };
  },
};
