import { parseUnits } from 'ethers';
import type { Checks } from './checks.js';
import { ENDPOINT_FAULTS } from './endpoint-faults.js';
import { openField, type Field } from './field.js';
import type { Miner } from './miner.js';
import { auditWallets, checkNoPenalty, unrewarded, untilAllRewarded, untilVerified } from './outcome.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Figures, Scenario, ScenarioContext } from './scenario.js';
import { checkShares } from './shares.js';
import { supervise } from './supervise.js';
import { walletTransactions } from './wallet-transactions.js';

const SEQUENCES = { full: 6, small: 3 };
/** How long one endpoint is the bad one. */
const FAULT_BLOCKS = [4, 16] as const;
/** What anvil suggests for a tip. */
const TIP_WEI = parseUnits('1', 'gwei');
/** How much more than its block asked for a transaction may pay. */
const MOST_TIMES_THE_MARKET = 2n;

export const badEndpoints: Scenario = {
  name: 'bad-endpoints',
  happens: 'of two endpoints at any moment one is bad, each time in another way; the aggregator starts anew meanwhile',
  holds: '0 lost, 0 penalties, 0 double sends, no fee above twice what the market needs',
  seeds: { full: 50, small: 2 },
  async run(context) {
    const { checks, random } = context;
    const field = await openField(context, {
      rollup: { t1: 8, t2: 120 },
      miners: [{ name: 'ada', deposit: '100', spareEndpoints: true, settings: { ZKPOW_CONFIRMATIONS: '6' } }],
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const others = await supervise(field, ada, ['aggregator', 'prover']);
    await field.start([[ada, 'sender']]);
    const faults = startFaults(context, field, ada);

    let last = 0;
    for (let i = 0; i < SEQUENCES[context.size]; i += 1) {
      const [posted] = await postSequences(chain, rollup, random, [1]);
      last = posted?.lastBatch ?? 0;
      // A start reads a range of blocks, of which a node may leave out the newest.
      if (random.chance(0.3)) {
        await others.kill();
        await chain.untilBlock((await chain.head()) + random.between(1, 50));
        await others.start();
      }
      await chain.untilBlock((await chain.head()) + random.below(20));
    }
    await untilVerified(field, last, 2_000);
    await untilAllRewarded(field, miners, 400);
    const played = await faults.stop();

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    checks.equal(unrewarded(record, [ada.wallet.address]), [], 'commitments whose proof is lost');
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners);
    const dearest = await checkFees(field, ada, checks);
    return { sequences: SEQUENCES[context.size], faults: played.join(' '), dearest, ...wallets };
  },
};

/** Plays one fault after the other to the programs of a miner, each time on one of their two endpoints. */
function startFaults(
  { random, defer, fail }: ScenarioContext,
  { chain }: Field,
  miner: Miner,
): { stop(): Promise<string[]> } {
  const played: string[] = [];
  let stopped = false;
  const play = async (role: 'aggregator' | 'sender'): Promise<void> => {
    const draws = random.fork(role);
    const endpoints = [miner.proxies[role], miner.spares[role]];
    while (!stopped) {
      const [name, fault] = draws.pick(Object.entries(ENDPOINT_FAULTS));
      const bad = draws.below(endpoints.length);
      const head = await chain.head();
      // Both at once: at no moment both are bad.
      endpoints.forEach((proxy, index) => proxy?.setFaults(index === bad ? fault(draws, head) : null));
      played.push(`${role[0]}${bad}:${name}`);
      await chain.untilBlock(head + draws.between(...FAULT_BLOCKS));
    }
    endpoints.forEach((proxy) => proxy?.setFaults(null));
  };
  const playing = Promise.all([play('aggregator'), play('sender')]).catch((error: unknown) => {
    // When the run has failed, its chain ends before the faults do.
    if (!stopped) fail(error instanceof Error ? error : new Error(String(error)));
  });
  defer(async () => void (stopped = true));
  return {
    async stop() {
      stopped = true;
      await playing;
      return played;
    },
  };
}

/**
 * No transaction paid more than twice the base fee and tip of its block.
 *
 * @returns what the dearest paid, in percent of that base fee and tip
 */
async function checkFees({ chain, startBlock }: Field, { wallet }: Miner, checks: Checks): Promise<Figures[string]> {
  const mined = await walletTransactions(chain, wallet.address, startBlock);
  const times = mined.map(({ gasPrice, baseFee }) => (100n * gasPrice) / (baseFee + TIP_WEI));
  const tooDear = mined.filter((_, index) => (times[index] ?? 0n) > 100n * MOST_TIMES_THE_MARKET);
  checks.equal(
    tooDear.map(({ hash, gasPrice, baseFee }) => ({ hash, gasPrice, baseFee })),
    [],
    'transactions that paid more than twice what their block asked for',
  );
  return `${times.reduce((most, one) => (one > most ? one : most), 0n)} %`;
}
