import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { ScenarioChain } from './chain.js';
import { EVERYTHING, openField } from './field.js';
import type { Miner } from './miner.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import type { Random } from './random.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { walletTransactions } from './wallet-transactions.js';

const SEQUENCES = { full: 6, small: 3 };
const LOOK_MS = 20;
const GAS = 21_000;

export const nonceThief: Scenario = {
  name: 'nonce-thief',
  happens: "another program spends the wallet's nonces: ahead of the sender, and in place of what it has sent",
  holds: 're-synced; all verified',
  seeds: { full: 5, small: 1 },
  async run(context) {
    const { checks, random, defer } = context;
    const field = await openField(context, {
      rollup: { t1: 8, t2: 150 },
      miners: [{ name: 'ada', deposit: '100' }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const thief = startNonceThief(chain, ada, random.fork('thief'));
    defer(() => thief.stop());
    await field.start([[ada, ...EVERYTHING]]);
    const posted = await postSequences(chain, rollup, random, Array<number>(SEQUENCES[context.size]).fill(1));
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 1_500);
    await thief.stop();
    await untilAllRewarded(field, miners, 200);

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners, thief.sent);
    const mined = await walletTransactions(chain, ada.wallet.address, field.startBlock);
    const stolen = mined.filter(({ hash }) => thief.sent.has(hash)).length;
    checks.must(stolen > 0, 'nonces are stolen', stolen);
    return { sequences: posted.length, stolenNonces: stolen, ...wallets };
  },
};

const pool = z.object({
  pending: z.record(
    z.string(),
    z.record(
      z.string(),
      z.object({ hash: z.string(), from: z.string(), maxFeePerGas: z.string().transform(BigInt).optional() }),
    ),
  ),
});

/** Uses the miner's key in another program, which knows nothing of the sender. */
function startNonceThief(
  chain: ScenarioChain,
  { wallet }: Miner,
  random: Random,
): { sent: ReadonlySet<string>; stop(): Promise<void> } {
  const stopping = new AbortController();
  const sent = new Set<string>();
  const met = new Set<string>();
  const transfer = async (nonce: number, maxFeePerGas: bigint): Promise<void> => {
    const fees = { maxFeePerGas, maxPriorityFeePerGas: maxFeePerGas, gasLimit: GAS };
    sent.add((await wallet.sendTransaction({ to: wallet.address, nonce, ...fees })).hash);
  };
  async function look(): Promise<void> {
    const waiting = Object.values(pool.parse(await chain.rpc('txpool_content')).pending);
    const own = waiting
      .flatMap((byNonce) => Object.entries(byNonce))
      .filter(([, { from, hash }]) => from.toLowerCase() === wallet.address.toLowerCase() && !sent.has(hash));
    for (const [nonce, { hash, maxFeePerGas = 0n }] of own) {
      if (met.has(hash)) continue;
      met.add(hash);
      // In its place, for more; or the one after it; or this one is left alone.
      const choice = random.below(4);
      if (choice === 0) await transfer(Number(nonce), maxFeePerGas * 2n);
      if (choice === 1) await transfer(Number(nonce) + own.length, maxFeePerGas);
    }
    if (own.length === 0 && random.chance(0.02)) await transfer(await wallet.getNonce('latest'), 3_000_000_000n);
  }
  const running = (async () => {
    while (!stopping.signal.aborted) {
      // A theft that comes too late is none.
      await look().catch(() => undefined);
      await delay(LOOK_MS);
    }
  })();
  return {
    sent,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
