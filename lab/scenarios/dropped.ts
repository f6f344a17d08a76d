import { keccak256 } from 'ethers';
import { z } from 'zod';
import { EVERYTHING, openField } from './field.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { postSequences } from './rollup.js';
import { readRollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';
import { readStepRows } from './wallet-audit.js';

const SEQUENCES = { full: 5, small: 3 };

export const dropped: Scenario = {
  name: 'dropped',
  happens: 'pending transactions vanish from the mempool',
  holds: 'sent again with the same bytes',
  seeds: { full: 4, small: 1 },
  async run(context) {
    const { checks, random } = context;
    // A transaction that waits for two blocks is offered a higher fee: so every block has to be seen in time.
    const field = await openField(context, {
      rollup: { t1: 5, t2: 240 },
      miners: [{ name: 'ada', deposit: '100' }],
      blockTimeMs: 1_000,
      maxLagBlocks: 0,
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    const sent = new Set<string>();
    const lost = new Set<string>();
    const sentAgain = new Set<string>();
    const draws = random.fork('drops');
    ada.proxies.sender.setFaults(({ method, params }) => {
      if (method !== 'eth_sendRawTransaction') return null;
      const hash = keccak256(z.string().parse(params[0]));
      if (sent.has(hash)) {
        sentAgain.add(hash);
        return null;
      }
      sent.add(hash);
      if (!draws.chance(0.8)) return null;
      const drop = async (): Promise<void> => {
        if ((await chain.rpc('anvil_dropTransaction', [hash])) !== null) lost.add(hash);
      };
      return { afterwards: drop };
    });

    await field.start([[ada, ...EVERYTHING]]);
    const posted = await postSequences(chain, rollup, random, Array<number>(SEQUENCES[context.size]).fill(1));
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 400);
    await untilAllRewarded(field, miners, 100);

    const record = await readRollupRecord(chain, rollup);
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners);
    checks.must(lost.size > 0, 'transactions are dropped');
    const forgotten = [...lost].filter((hash) => !sentAgain.has(hash));
    checks.equal(forgotten, [], 'transactions that were dropped and not sent again with the same bytes');
    for (const { step, attempts, mined_hash: minedHash } of await readStepRows(ada)) {
      const [first] = attempts;
      if (!first || !lost.has(first.hash)) continue;
      checks.equal([attempts.length, minedHash], [1, first.hash], `attempts and mined hash of a dropped ${step}`);
    }
    return { sequences: posted.length, dropped: lost.size, ...wallets };
  },
};
