import type { Client } from '@temporalio/client';
import { z } from 'zod';
import type { RollupType } from '../../domain/rollup-type.js';
import { TRANSACTION_STATES, TRANSACTION_STEPS } from '../sender/transactions.js';
import { selectRows, type Database } from '../storage/database.js';
import { selectDistrustedRules } from '../storage/distrusted-rules.js';
import { selectRollups } from '../storage/rollups.js';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue, proverQueue, senderQueue } from '../../domain/names.js';
import { countProofsInHand } from '../proving/pending-proofs.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import type { Probe } from '../../platform/telemetry/probes.js';

const count = z.string().transform(Number);
const transactionCount = z.object({ step: z.enum(TRANSACTION_STEPS), state: z.enum(TRANSACTION_STATES), count });
const proverCount = z.object({ state: z.enum(['active', 'set aside']), count });

/** Counts rows of the miner's database: transactions by state, mining machines, distrusted type rules. */
export function databaseProbe(db: Database, { chainId, miner }: { chainId: number; miner: string }): Probe {
  return {
    name: 'database',
    async read(metrics) {
      const transactions = await selectRows(
        db,
        transactionCount,
        'SELECT step, state, count(*) FROM transactions WHERE chain_id = $1 AND wallet = $2 GROUP BY step, state',
        [chainId, miner],
      );
      for (const step of TRANSACTION_STEPS) {
        for (const state of TRANSACTION_STATES) {
          const row = transactions.find((one) => one.step === step && one.state === state);
          metrics.set('zkpow_transactions', row?.count ?? 0, { step, state });
        }
      }
      metrics.set('zkpow_rules_distrusted', (await selectDistrustedRules(db, chainId)).length, {});
      const provers = await selectRows(
        db,
        proverCount,
        `SELECT CASE WHEN set_aside_at IS NULL THEN 'active' ELSE 'set aside' END AS state, count(*)
         FROM provers WHERE removed_at IS NULL GROUP BY 1`,
      );
      for (const state of ['active', 'set aside'] as const) {
        metrics.set('zkpow_provers', provers.find((row) => row.state === state)?.count ?? 0, { state });
      }
    },
  };
}

/**
 * Asks the server who polls the queues that this miner needs, what waits in them, and, where tasks wait and nobody polls,
 * whether machines are busy with others of the same queue.
 */
export function queueProbe(
  client: Client,
  db: Database,
  { chainId, miner }: { chainId: number; miner: string },
  findRollupType: (name: string) => Pick<RollupType, 'manifest'>,
): Probe {
  const { workflowService, options } = client;
  return {
    name: 'queues',
    async read(metrics) {
      const proving = await proverQueues(db, chainId, findRollupType);
      const queues = [
        { name: AGGREGATOR_QUEUE, type: 'workflow' as const },
        ...[chainQueue(chainId), chainWaitsQueue(chainId), senderQueue(chainId, miner), ...proving].map((name) => {
          return { name, type: 'activity' as const };
        }),
      ];
      let inHand: Map<string, number> | undefined;
      for (const { name: queue, type } of queues) {
        const state = await readTaskQueue(workflowService, options.namespace, queue, type);
        metrics.set('zkpow_queue_pollers', state.pollers.length, { queue });
        metrics.set('zkpow_queue_backlog', state.backlog, { queue });
        metrics.set('zkpow_queue_backlog_age_seconds', state.backlogAgeSeconds, { queue });
        if (!proving.has(queue)) continue;
        const isLeft = state.backlog > 0 && state.pollers.length === 0;
        if (isLeft) inHand ??= await countProofsInHand(client);
        metrics.set('zkpow_queue_in_hand', (isLeft && inHand?.get(queue)) || 0, { queue });
      }
    },
  };
}

/** The queues on which the rollups that are followed have their proofs made, and those to which they may spill over. */
async function proverQueues(
  db: Database,
  chainId: number,
  findRollupType: (name: string) => Pick<RollupType, 'manifest'>,
): Promise<Set<string>> {
  const queues = new Set<string>();
  for (const { rollupType, following } of await selectRollups(db, chainId)) {
    if (!following) continue;
    for (const { hardwareClass, spillOver } of Object.values(findRollupType(rollupType).manifest)) {
      queues.add(proverQueue(rollupType, hardwareClass));
      if (spillOver) queues.add(proverQueue(rollupType, spillOver.hardwareClass));
    }
  }
  return queues;
}
