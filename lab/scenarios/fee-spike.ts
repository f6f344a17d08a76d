import { parseUnits, Transaction } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { EVERYTHING, openField, type Field } from './field.js';
import type { Miner } from './miner.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { readStepRows } from './wallet-audit.js';
import { walletTransactions, type MinedTransaction } from './wallet-transactions.js';

const gwei = (amount: string): bigint => parseUnits(amount, 'gwei');
const CALM = gwei('1');
const SPIKE = gwei('10');
/** Long enough for a round that another opens to reach its reveals, far shorter than T2. */
const SPIKE_BLOCKS = 30;
const T1 = 16;
const CAPS = { low: '5', high: '50' };

export const feeSpike: Scenario = {
  name: 'fee-spike',
  happens: 'base fee × 10 in mid-window, right after a commit, then right after a reveal was sent',
  holds:
    'reveals bumped within their cap and in the window; commits bumped (odd seeds) or, where their cap is too low, cancelled (even seeds)',
  seeds: { full: 4, small: 2 },
  async run(context) {
    const { checks, random, seed } = context;
    const commitsMayBump = seed % 2 === 1;
    const commitCap = commitsMayBump ? CAPS.high : CAPS.low;
    const caps = { ZKPOW_COMMIT_FEE_CAP_GWEI: commitCap, ZKPOW_REVEAL_FEE_CAP_GWEI: CAPS.high };
    const field = await openField(context, {
      rollup: { t1: T1, t2: 100 },
      miners: [
        { name: 'ada', deposit: '100', settings: caps },
        { name: 'ben', deposit: '100' },
      ],
    });
    const { chain, rollup, miners } = field;
    const [ada, ben] = miners;
    if (!ada || !ben) throw new RangeError('two miners are needed');
    chain.clock.holdBaseFee(CALM);
    await field.start([[ada, ...EVERYTHING]]);

    // Alone: the reveal is caught by the spike.
    const revealSpike = spikeAtFirst(field, ada, 'verifyBatches');
    const [first] = await postSequences(chain, rollup, random, [1]);
    const revealSpikeEnd = await revealSpike;
    await untilVerified(field, first?.lastBatch ?? 0, 300);
    // With a rival, whose commit opens the round: ours is caught by the spike.
    await field.start([[ben, ...EVERYTHING]]);
    const commitSpike = spikeAtFirst(field, ada, 'submitProofHash');
    const [second] = await postSequences(chain, rollup, random, [1]);
    const commitSpikeEnd = await commitSpike;
    await untilVerified(field, second?.lastBatch ?? 0, 300);
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    await checkShares(
      field,
      checks,
      miners.map(({ wallet }) => wallet.address),
    );
    const wallets = await auditWallets(field, checks, miners);
    const rows = await readStepRows(ada);
    const reveal = rows.find(({ step }) => step === 'reveal');
    checks.must((reveal?.attempts.length ?? 0) > 1, 'the reveal caught by the spike is bumped', reveal);
    const commit = rows.filter(({ step }) => step === 'commit').at(-1);
    const mined = await walletTransactions(chain, ada.wallet.address, field.startBlock);
    const minedCommit = mined.find(({ hash }) => hash === commit?.mined_hash);
    const ended = commitEnd(minedCommit);
    checkMinedWithin(mined.find(({ hash }) => hash === reveal?.mined_hash) ?? null, revealSpikeEnd);
    if (commitsMayBump) checkMinedWithin(minedCommit ?? null, commitSpikeEnd);
    checks.must((commit?.attempts.length ?? 0) > 1, 'the commit caught by the spike is replaced', commit);
    checks.equal(ended, commitsMayBump ? 'mined' : 'cancelled', 'how the commit ended');
    checkPrices(mined, { commitCap, revealCap: CAPS.high });
    return { commit: ended, ...wallets };

    function checkMinedWithin(transaction: MinedTransaction | null, spikeEnd: number): void {
      const { block, cost, gasUsed } = transaction ?? { block: Infinity, cost: 0n, gasUsed: 1n };
      checks.must(block <= spikeEnd && cost / gasUsed >= SPIKE, 'mined during the spike, at its price', transaction);
    }

    function checkPrices(transactions: MinedTransaction[], { commitCap, revealCap }: Record<string, string>): void {
      for (const { call, cost, gasUsed } of transactions) {
        const cap = gwei((call?.name === 'verifyBatches' ? revealCap : commitCap) ?? '0');
        checks.must(cost / gasUsed <= cap, `${call?.name ?? 'a no-op'} within its fee cap`, cost / gasUsed);
      }
    }
  },
};

function commitEnd(mined: MinedTransaction | undefined): 'mined' | 'cancelled' {
  return mined?.call?.name === 'submitProofHash' ? 'mined' : 'cancelled';
}

/**
 * Lets the base fee rise right after the first such transaction was taken by the pool.
 *
 * @returns last block of the spike, when the fee has fallen
 */
async function spikeAtFirst({ chain }: Field, miner: Miner, name: string): Promise<number> {
  const selector = ROLLUP.getFunction(name)?.selector ?? '';
  await new Promise<void>((resolve) => {
    miner.proxies.sender.setFaults(async ({ method, params }) => {
      if (method !== 'eth_sendRawTransaction') return null;
      if (!Transaction.from(z.string().parse(params[0])).data.startsWith(selector)) return null;
      miner.proxies.sender.setFaults(null);
      // Not in the block that is just being made.
      const release = await chain.clock.hold();
      chain.clock.holdBaseFee(SPIKE);
      release();
      resolve();
      return null;
    });
  });
  await chain.untilBlock((await chain.head()) + SPIKE_BLOCKS);
  chain.clock.holdBaseFee(CALM);
  return chain.head();
}
