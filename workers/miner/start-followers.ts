import { WorkflowExecutionAlreadyStartedError, type SearchAttributePair } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { selectRollups } from '../../activities/storage/rollups.js';
import type { Database } from '../../activities/storage/database.js';
import { AGGREGATOR_QUEUE, rollupWorkflowId } from '../../domain/names.js';
import { SEARCH_ATTRIBUTES } from '../../domain/search-attributes.js';
import type { rollupWorkflow, RollupWorkflowInput } from '../../workflows/rollup-workflow.js';
import type { Logger } from '../../platform/log.js';

/** Starts the follower of every rollup that this miner follows; those that run already are left alone. */
export async function startFollowers(
  client: Client,
  db: Database,
  { chainId, miner, maxOpenSequences }: { chainId: number; miner: string; maxOpenSequences: number },
  log: Logger,
): Promise<void> {
  for (const { rollup, startBatch, following } of await selectRollups(db, chainId)) {
    if (!following) continue;
    const started = await startFollower(client, { chainId, rollup, miner, startBatch, maxOpenSequences, after: null });
    if (started) log.info({ rollup, startBatch }, 'following a rollup');
  }
}

/** @returns false if its follower runs already */
export async function startFollower(client: Client, input: RollupWorkflowInput): Promise<boolean> {
  const { chainId, rollup, miner } = input;
  const typedSearchAttributes: SearchAttributePair[] = [
    { key: SEARCH_ATTRIBUTES.rollup, value: rollup },
    { key: SEARCH_ATTRIBUTES.chain, value: String(chainId) },
    { key: SEARCH_ATTRIBUTES.miner, value: miner },
  ];
  try {
    await client.workflow.start<typeof rollupWorkflow>('rollupWorkflow', {
      workflowId: rollupWorkflowId(input),
      taskQueue: AGGREGATOR_QUEUE,
      args: [input],
      staticSummary: `follows ${rollup}`,
      typedSearchAttributes,
    });
    return true;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
    throw error;
  }
}
