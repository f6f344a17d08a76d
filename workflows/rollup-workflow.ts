import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ParentClosePolicy,
  continueAsNew,
  setCurrentDetails,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { chainReads, chainWaits, lastingFailure, unlessThereIsNoRoom } from './activity-proxies.js';
import { sequenceWorkflowId } from '../domain/names.js';
import { sequenceSearchAttributes } from '../domain/search-attributes.js';
import type { Hex, PostedSequence, RollupRef } from '../domain/sequence.js';
import { sequenceWorkflow } from './sequence-workflow.js';

/** Pause before the chain is looked at again after several tries in vain. */
const READ_AGAIN_MS = 5_000;

export interface RollupWorkflowInput extends RollupRef {
  miner: string;
  /** First batch this miner takes part in: lets a new miner begin at the present. */
  startBatch: number;
  /** Bound on sequences that are posted and not yet verified, open at a time. */
  maxOpenSequences: number;
  /** Where the follower stands; null at the very start. */
  after: { lastBatch: number; accInputHash: Hex } | null;
}

/** Follows one rollup on its base chain and starts one workflow for each sequence posted, for ever. */
export async function rollupWorkflow(input: RollupWorkflowInput): Promise<void> {
  let { after } = input;

  while (!workflowInfo().continueAsNewSuggested) {
    const from = after ? after.lastBatch + 1 : input.startBatch;
    const following = `Following rollup \`${input.rollup}\` on chain ${input.chainId}; next sequence from batch ${from}.`;
    setCurrentDetails(following);
    let sequences: PostedSequence[];
    try {
      sequences = await nextSequences(input, after, `sequences from batch ${from}`);
    } catch (error) {
      const why = lastingFailure(error);
      if (why === null) throw error;
      setCurrentDetails(`${following}\n\n**The chain cannot be read now:** ${why}`);
      await sleep(READ_AGAIN_MS, { summary: 'cannot be read: try again' });
      continue;
    }
    for (const sequence of sequences) {
      await startSequence(sequence, input.miner);
      after = { lastBatch: sequence.lastBatch, accInputHash: sequence.accInputHash };
    }
  }
  await continueAsNew<typeof rollupWorkflow>({ ...input, after });
}

/** Waits for them; where so many wait that there is no room for one more, looks for them from time to time. */
async function nextSequences(
  input: RollupWorkflowInput,
  after: RollupWorkflowInput['after'],
  summary: string,
): Promise<PostedSequence[]> {
  const request = { ...input, after };
  const { waitForSequences: wait } = chainWaits(input.chainId);
  const { waitForSequences: look } = chainReads(input.chainId);
  const waited = await unlessThereIsNoRoom(() => wait.executeWithOptions({ summary }, [request]));
  return waited ?? look.executeWithOptions({ summary }, [request]);
}

/**
 * A sequence outlives its follower on purpose. One that runs already is left alone. One that has ended is looked at again:
 * a posting that was rolled back may be mined once more after a reorg, and what is settled ends at once.
 */
async function startSequence(posted: PostedSequence, miner: string): Promise<void> {
  const { chainId, rollup, firstBatch, lastBatch, accInputHash } = posted;
  const sequence = { chainId, rollup, firstBatch, lastBatch, accInputHash };
  try {
    await startChild(sequenceWorkflow, {
      workflowId: sequenceWorkflowId(sequence),
      args: [{ sequence, miner }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `batches ${firstBatch}-${lastBatch}`,
      typedSearchAttributes: sequenceSearchAttributes(sequence, miner),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
