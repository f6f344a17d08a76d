import { z } from 'zod';
import { selectRows } from '../../activities/storage/database.js';
import type { Checks } from './checks.js';
import { openField } from './field.js';
import type { Miner } from './miner.js';
import { auditWallets, checkNoPenalty, untilAllRewarded, untilVerified } from './outcome.js';
import { postSequences } from './rollup.js';
import { readRollupRecord, type RollupRecord } from './rollup-record.js';
import type { Scenario } from './scenario.js';
import { checkShares } from './shares.js';

const SEQUENCES = { full: 100, small: 12 };
const T1 = 10;
const LATE_BLOCKS = 2;
const BLOCK_TIME_MS = 1_000;
/** Milliseconds from block to block, on average: what a full run may have at most to be one with 1 s blocks. */
const MEAN_BLOCK_LIMIT_MS = 1_250;
/** A request needs a moment to get into the queue. */
const QUEUED_MS = 1_000;

export const backlog: Scenario = {
  name: 'backlog',
  happens: '100 sequences proved at once, out of order, 1 s blocks',
  holds: `lowest first; reveal lands at most ${LATE_BLOCKS} blocks after it may, 99 of 100`,
  seeds: { full: 1, small: 1 },
  fullRunsAlone: true,
  async run(context) {
    const { checks, random } = context;
    const count = SEQUENCES[context.size];
    const field = await openField(context, {
      rollup: { t1: T1, t2: 120 },
      miners: [{ name: 'ada', deposit: String(10 + 10 * count), settings: { ZKPOW_MAX_OPEN_SEQUENCES: '128' } }],
      blockTimeMs: BLOCK_TIME_MS,
    });
    const { chain, rollup, miners } = field;
    const [ada] = miners;
    if (!ada) throw new RangeError('no miner');
    // Sequences of one to three batches are ready at different times.
    const batches = Array.from({ length: count }, () => random.between(1, 3));
    const posted = await chain.instantly(() => postSequences(chain, rollup, random, batches));
    await field.start([[ada, 'aggregator', 'prover']], { name: 'others' });
    await chain.until('all final proofs', 1_000, async () => {
      const [row] = await selectRows(ada.pool, z.object({ count: z.coerce.number() }), FINAL_PROOFS);
      return row?.count === count ? true : null;
    });
    const order = await selectRows(ada.pool, z.object({ first_batch: z.coerce.number() }), PROVED_IN_ORDER);
    await field.start([[ada, 'sender']]);
    const meanBlockMs = watchBlocks(await chain.head());
    await untilVerified(field, posted.at(-1)?.lastBatch ?? 0, 1_000);
    await untilAllRewarded(field, miners, 100);
    const blockMs = meanBlockMs(await chain.head());

    const record = await readRollupRecord(chain, rollup);
    const late = revealsLate(record);
    const onTime = late.filter((blocks) => blocks <= LATE_BLOCKS).length;
    // How many blocks pass before a reveal lands depends on the machine: among the tests it is only reported.
    if (context.size === 'full') {
      checks.must(onTime >= count * 0.99, `reveals on time, 99 of 100 (of ${count})`, late);
      // The clock waits for a program that is behind, which must not be what made the reveals come in time.
      checks.must(blockMs <= MEAN_BLOCK_LIMIT_MS, `a block each second (${MEAN_BLOCK_LIMIT_MS} ms at most)`, blockMs);
    }
    await checkLowestFirst(ada, checks);
    checkNoPenalty(record, checks, miners);
    await checkShares(field, checks, [ada.wallet.address]);
    const wallets = await auditWallets(field, checks, miners);
    return {
      sequences: count,
      provedOutOfOrder: inversions(order.map((row) => row.first_batch)),
      revealsOnTime: onTime,
      blocksLateMean: (late.reduce((sum, blocks) => sum + blocks, 0) / late.length).toFixed(2),
      blocksLateMost: Math.max(...late),
      blockMsMean: Math.round(blockMs),
      ...wallets,
    };
  },
};

const FINAL_PROOFS = 'SELECT count(*) FROM final_proofs';
const PROVED_IN_ORDER = 'SELECT first_batch FROM final_proofs ORDER BY position';
const COMMITS = `SELECT t.first_batch, t.created_at AS asked, min(a.created_at) AS signed
  FROM transactions t JOIN transaction_attempts a USING (transaction_id) WHERE t.step = 'commit'
  GROUP BY t.transaction_id ORDER BY signed`;
const commitRow = z.object({ first_batch: z.coerce.number(), asked: z.date(), signed: z.date() });

/** @returns tells how many milliseconds passed from block to block since `first`, on average */
function watchBlocks(first: number): (head: number) => number {
  const since = performance.now();
  return (head) => (performance.now() - since) / (head - first);
}

/** Blocks between the first in which each reveal could land and the one in which it did: R = max(S + T1, P + 1). */
function revealsLate({ accepted, verified }: RollupRecord): number[] {
  return accepted.map(({ finalBatch, round, block }) => {
    const { firstBatch } = verified.find(({ lastBatch }) => lastBatch === finalBatch) ?? { firstBatch: 1 };
    const predecessor = verified.find(({ lastBatch }) => lastBatch === firstBatch - 1)?.block ?? 0;
    return block - Math.max(round + T1, predecessor + 1);
  });
}

/** No hash was signed while that of a lower sequence was waiting. */
async function checkLowestFirst(miner: Miner, checks: Checks): Promise<void> {
  const commits = await selectRows(miner.pool, commitRow, COMMITS);
  for (const [index, earlier] of commits.entries()) {
    const overtaken = commits
      .slice(index + 1)
      .filter(
        ({ first_batch: batch, asked }) =>
          batch < earlier.first_batch && asked.getTime() < earlier.signed.getTime() - QUEUED_MS,
      );
    checks.must(overtaken.length === 0, `batch ${earlier.first_batch} is committed after the lower ones`, overtaken);
  }
}

/** Neighbours in the wrong order. */
function inversions(numbers: readonly number[]): number {
  return numbers.filter((number, index) => number < (numbers[index - 1] ?? 0)).length;
}
