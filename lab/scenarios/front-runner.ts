import { parseEther } from 'ethers';
import { EVERYTHING, openField } from './field.js';
import { startFrontRunner } from './enemy-front-runner.js';
import { auditWallets, checkNoPenalty, checkReserves, owedTo, untilAllRewarded, untilVerified } from './outcome.js';
import { deposit, postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { walletTransactions } from './wallet-transactions.js';

const SEQUENCES = { full: 10, small: 4 };
/** What each puts at risk in a round, in ether. */
const RESERVES = { ada: '15', ben: '11' };

export const frontRunner: Scenario = {
  name: 'front-runner',
  happens: 'an enemy watches pending transactions, copies hashes and proofs, pays more gas',
  holds: 'it earns 0 and loses its gas; the honest miners share the whole pot by what they put at risk',
  seeds: { full: 3, small: 1 },
  async run(context) {
    const { checks, random, defer } = context;
    const field = await openField(context, {
      rollup: { t1: 6, t2: 400 },
      miners: Object.entries(RESERVES).map(([name, reserve]) => ({ name, deposit: '300', reserve })),
    });
    const { chain, rollup, miners } = field;
    const enemy = await chain.wallet('enemy');
    await chain.instantly(() => deposit(rollup, enemy, parseEther('500')));
    const frontRunner = startFrontRunner(
      chain,
      rollup,
      enemy,
      miners.map(({ wallet }) => wallet.address),
    );
    defer(() => frontRunner.stop());

    await field.start(miners.map((miner) => [miner, ...EVERYTHING]));
    const posted = await postSequences(chain, rollup, random, Array<number>(SEQUENCES[context.size]).fill(1));
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 1_000);
    await untilAllRewarded(field, miners, 200);
    await frontRunner.stop();

    const record = await readRollupRecord(chain, rollup);
    const honest = miners.map(({ wallet }) => wallet.address);
    const theirs = record.commitments.filter(({ miner }) => miner === enemy.address);
    const copied = theirs.filter((c) =>
      record.commitments.some((own) => own.miner !== c.miner && own.proofHash === c.proofHash),
    );
    checks.must(copied.length > 0, 'the enemy gets copied hashes into rounds', theirs.length);
    checks.equal(await owedTo(field, enemy.address), 0n, 'what the enemy earned');
    checks.equal(
      record.accepted.filter(({ miner }) => miner === enemy.address),
      [],
      'proofs of the enemy accepted',
    );
    checkNoPenalty(record, checks, miners);
    checkReserves(record, checks, miners, RESERVES);
    const settled = await checkShares(field, checks, [...honest, enemy.address]);
    const mined = await walletTransactions(chain, enemy.address, field.startBlock);
    const gasWei = mined.reduce((sum, { cost }) => sum + cost, 0n);
    checks.must(gasWei > 0n, 'the enemy pays for its gas');
    const promised = record.earmarked.reduce((sum, { amount }) => sum + amount, 0n);
    const earned = settled.booked.reduce((sum, { amount }) => sum + amount, 0n);
    checks.must(promised - earned < settled.booked.length, 'all is paid but what rounding leaves', promised - earned);
    const wallets = await auditWallets(field, checks, miners);
    return {
      sequences: posted.length,
      copiedHashes: copied.length,
      enemyPenalties: record.penalties.length,
      enemyTransactions: mined.length,
      enemyGasWei: `${gasWei}`,
      ...wallets,
    };
  },
};
