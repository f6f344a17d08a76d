import { parseEther } from 'ethers';
import { EVERYTHING, openField, type Field } from './field.js';
import { armKillPoint, KILL_POINTS, STATE_AT } from './kill-points.js';
import type { Miner } from './miner.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { factsOf } from './progress.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario, ScenarioContext } from './scenario.js';
import { checkShares } from './shares.js';
import { readStepRows } from './wallet-audit.js';

const SETTINGS = { ZKPOW_CONFIRMATIONS: '3' };
/** Blocks that the sender stays down at most; far below T2. */
const DOWN_BLOCKS = 8;

export const senderDead: Scenario = {
  name: 'sender-dead',
  happens: 'kill -9 of the sender, in every state of a transaction; now and then it stays down for a whole T2',
  holds: '0 double sends, 0 lost, 0 penalties while a window could still be met',
  seeds: { full: 50, small: 4 },
  async run(context) {
    const { checks, random, seed } = context;
    const field = await openField(context, {
      rollup: { t1: 10, t2: 240 },
      miners: [{ name: 'ada', deposit: '100', settings: SETTINGS }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    await field.start([[ada, ...EVERYTHING.filter((role) => role !== 'sender')]]);

    // Seeds in a row go through all points; the second one of a seed is drawn.
    const points = [KILL_POINTS[seed % KILL_POINTS.length], random.pick(KILL_POINTS)].filter((p) => p !== undefined);
    const posted = [];
    const figures: Record<string, string> = {};
    let silent = 0;
    let sender = await field.start([[ada, 'sender']]);
    for (const [index, point] of points.entries()) {
      const killed = armKillPoint(field, ada, sender, point);
      posted.push(...(await postSequences(chain, rollup, random, [1])));
      const state = await killed;
      checks.equal(state, STATE_AT[point.at], `the row of the ${point.step} killed when it was ${point.at}`);
      figures[`kill${index + 1}`] = `${point.step}, ${point.at}`;
      const last = posted.at(-1);
      if (last && (point.at === 'missed' || point.at === 'withdrawn')) {
        await missWindow(field, ada, last);
        silent += 1;
        if (point.at === 'withdrawn') await killWhenWithdrawn(field, ada);
      } else {
        await chain.untilBlock((await chain.head()) + random.below(DOWN_BLOCKS + 1));
      }
      sender = await field.start([[ada, 'sender']]);
      await untilVerified(field, last?.lastBatch ?? 0, 600);
    }
    await untilAllRewarded(field, miners, 200);
    await checkOutcome(context, field, ada, silent);
    return { ...figures, ...(await auditWallets(field, checks, miners)) };
  },
};

/** The next sender finds the window gone and drops the reveal; it is killed right then. */
async function killWhenWithdrawn(field: Field, ada: Miner): Promise<void> {
  const before = await withdrawnReveals(ada);
  const sender = await field.start([[ada, 'sender']]);
  await field.chain.until('the reveal withdrawn', 100, async () =>
    (await withdrawnReveals(ada)) > before ? true : null,
  );
  await sender.kill();
}

async function withdrawnReveals(ada: Miner): Promise<number> {
  return (await readStepRows(ada)).filter(({ step, state }) => step === 'reveal' && state === 'withdrawn').length;
}

/** The sender is down until the round is over. */
async function missWindow(field: Field, { wallet }: Miner, sequence: Parameters<typeof factsOf>[1]): Promise<void> {
  const { revealEnd } = await factsOf(field, sequence, wallet.address);
  if (revealEnd === null) throw new Error('the round has no end');
  await field.chain.clock.mine(revealEnd - (await field.chain.head()));
}

async function checkOutcome({ checks }: ScenarioContext, field: Field, ada: Miner, silent: number): Promise<void> {
  const record = await readRollupRecord(field.chain, field.rollup);
  const paid = record.penalties.map(({ kind, amount }) => [kind, amount]);
  checks.equal(paid, Array(silent).fill(['silence', parseEther('1')]), 'penalties: one for each window missed');
  if (silent === 0) checkNoPenalty(record, checks, [ada]);
  else {
    checks.equal(await withdrawnReveals(ada), silent, 'reveals that are withdrawn: one for each window missed');
  }
  await checkShares(field, checks, [ada.wallet.address]);
}
