import { setTimeout as delay } from 'node:timers/promises';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { untilCommitted } from './progress.js';
import { followIdleRollups, postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const IDLE_ROLLUPS = 200;
const T1 = 8;
/** 25 seconds: less than looking at all rollups one after the other takes. */
const T2 = 100;
/** How long the endpoint takes for a call, as a service on another continent does. */
const LATENCY_MS = 60;

export const manyRollups: Scenario = {
  name: 'many-rollups',
  happens:
    'a miner that follows many rollups over a slow endpoint is killed with a hash on the chain, and starts in mid-window',
  holds: 'the proof is revealed in its round: nothing waits until all rollups were looked at',
  seeds: { full: 4, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: T1, t2: T2 },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    await followIdleRollups(chain, rollup, ada, IDLE_ROLLUPS);
    const first = await field.start([[ada, ...EVERYTHING]]);
    const [posted] = await postSequences(chain, rollup, random, [1]);
    if (!posted) throw new RangeError('nothing was posted');
    const { round } = await untilCommitted(field, ada.wallet.address, posted);
    await first.kill();

    const slow = (): { afterwards: () => Promise<void> } => ({ afterwards: () => delay(LATENCY_MS) });
    ada.proxies.aggregator.setFaults(({ method }) => (method === 'eth_call' ? slow() : null));
    await chain.untilBlock(round + T1);
    await field.start([[ada, ...EVERYTHING]]);
    const startedAt = await chain.head();
    await untilVerified(field, posted.lastBatch, T2 + T1);
    const blocksToVerify = (await chain.head()) - startedAt;
    await untilAllRewarded(field, miners, 100);
    ada.proxies.aggregator.setFaults(null);

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners);
    return { idleRollups: IDLE_ROLLUPS, blocksToVerify, ...wallets };
  },
};
