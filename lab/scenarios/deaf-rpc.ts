import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import type { Random } from './random.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { FaultSource, RpcFault } from './rpc-proxy.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const SEQUENCES = { full: 5, small: 2 };
const ERRORS = 0.2;
const STALE_READS = 0.05;

export const deafRpc: Scenario = {
  name: 'deaf-rpc',
  happens: 'the RPC times out after it took a transaction; stale reads; 20 % errors',
  holds: 'rows and chain agree; nothing twice',
  seeds: { full: 5, small: 1 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 20, t2: 400 },
      miners: [{ name: 'ada', deposit: '100', settings: { ZKPOW_CONFIRMATIONS: '6' } }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    await field.start([[ada, ...EVERYTHING]]);
    const counts = new Map<string, number>();
    ada.proxies.aggregator.setFaults(troubles(random.fork('aggregator'), counts));
    ada.proxies.sender.setFaults(troubles(random.fork('sender'), counts));

    const posted = await postSequences(chain, rollup, random, Array<number>(SEQUENCES[context.size]).fill(1));
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 2_500);
    await untilAllRewarded(field, miners, 400);
    for (const proxy of Object.values(ada.proxies)) proxy.setFaults(null);

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    for (const kind of ['unanswered', 'errors', 'staleReads']) {
      checks.must((counts.get(kind) ?? 0) > 0, `the endpoint is deaf: ${kind}`);
    }
    const wallets = await auditWallets(field, checks, miners);
    return { sequences: posted.length, ...Object.fromEntries(counts), ...wallets };
  },
};

/** Mostly errors; a broadcast is mostly taken and not answered. */
function troubles(random: Random, counts: Map<string, number>): FaultSource {
  let isFirstBroadcast = true;
  const count = (kind: string, fault: RpcFault): RpcFault => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return fault;
  };
  return ({ method }) => {
    const draw = random.next();
    if (method === 'eth_sendRawTransaction') {
      // The client's own patience is 10 s: once is enough to see it.
      if (isFirstBroadcast) {
        isFirstBroadcast = false;
        return count('unanswered', 'no answer');
      }
      if (draw < 0.5) return count('brokenAfter', 'break after');
      return draw < 0.5 + ERRORS ? count('errors', 'refuse') : null;
    }
    if (draw < ERRORS) return count('errors', 'refuse');
    return draw < ERRORS + STALE_READS ? count('staleReads', { lagBlocks: random.between(1, 4) }) : null;
  };
}
