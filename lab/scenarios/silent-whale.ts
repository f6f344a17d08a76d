import { parseEther } from 'ethers';
import { startEnemy } from './enemies.js';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, owedTo, slashedOf, untilAllRewarded, untilVerified } from './outcome.js';
import { createPostings } from './postings.js';
import { deposit } from './rollup.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares, earnedBy } from './shares.js';

const SEQUENCES = { full: 40, small: 6 };
/** So many times what both honest miners together put at risk. */
const TIMES = 99n;
const LEAST_RESERVE = parseEther('10');
/** Percent of all pots that honest miners may lose to it. */
const MOST_LOST = 1n;

export const silentWhale: Scenario = {
  name: 'silent-whale',
  happens: `one with ${TIMES} times the reserves of all others commits to 40 sequences and never reveals`,
  holds: 'honest miners lose at most 1 % of their income; what is paid is what was set aside; no honest penalty',
  seeds: { full: 1, small: 1 },
  async run(context) {
    const { checks, random, defer, size } = context;
    const count = SEQUENCES[size];
    const field = await openField(context, {
      rollup: { t1: 8, t2: 150 },
      miners: ['ada', 'ben'].map((name) => ({ name, deposit: String(10 * count + 10) })),
    });
    const { chain, rollup, miners } = field;
    const honest = miners.map(({ wallet }) => wallet.address);
    const whale = await chain.wallet('whale');
    const reserveWei = TIMES * LEAST_RESERVE * BigInt(miners.length);
    await chain.instantly(() => deposit(rollup, whale, reserveWei * BigInt(count)));
    const postings = createPostings(field, random.fork('postings'));
    const hashes = random.fork('junk');
    const enemy = startEnemy('silent-committer', field, whale, {
      ...{ victims: honest, postings, random: hashes, reserveWei },
    });
    defer(() => enemy.stop());

    await field.start(miners.map((miner) => [miner, ...EVERYTHING]));
    while (postings.all.length < count) await postings.post();
    await untilVerified(field, postings.all.at(-1)?.lastBatch ?? 0, 2_000);
    await enemy.stop();
    await untilAllRewarded(field, miners, 300);

    checkNoPenalty(await readRollupRecord(chain, rollup), checks, miners);
    const record = await checkShares(field, checks, honest);
    const joined = commitmentsOf(record, whale.address);
    checks.must(joined.length >= count * 0.9, 'the whale is in nine of ten rounds', joined.length);
    checks.equal(
      joined.filter(({ reserve }) => reserve !== reserveWei),
      [],
      'its commitments with another reserve',
    );
    const pots = record.earmarked.reduce((sum, { amount }) => sum + amount, 0n);
    const earned = honest.reduce((sum, miner) => sum + earnedBy(record, miner), 0n);
    checks.must(earned * 100n >= pots * (100n - MOST_LOST), 'honest miners have what was set aside', { earned, pots });
    checks.must(earned <= pots, 'no more is paid than was set aside', { earned, pots });
    checks.equal(await owedTo(field, whale.address), 0n, 'what the whale earned');
    checks.equal(await slashedOf(field), 0n, 'penalties');
    const wallets = await auditWallets(field, checks, miners);
    return {
      sequences: count,
      whaleCommitments: joined.length,
      potsWei: `${pots}`,
      earnedWei: `${earned}`,
      ...wallets,
    };
  },
};

function commitmentsOf({ commitments }: RollupRecord, address: string): RollupRecord['commitments'] {
  return commitments.filter(({ miner }) => miner === address);
}
