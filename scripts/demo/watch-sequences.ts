import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { JsonRpcApiProvider } from 'ethers';
import type { sequenceWorkflow } from '../../workflows/sequence-workflow.js';
import type { SequenceOutcome } from '../../domain/decide.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { SequenceProgress } from '../../domain/sequence-progress.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { batchesName, type WatchedSequence } from './progress-text.js';

const POLL_MS = 500;
/** How long a workflow may take to say how far it is. */
const ANSWER_MS = 5_000;

export interface WatchOptions {
  client: Client;
  provider: JsonRpcApiProvider;
  onProgress(sequences: readonly WatchedSequence[], head: number | null): void;
  signal: AbortSignal;
  /** Gives up when an alarm stands for so long; null waits until somebody fixes it. Default: a minute. */
  alarmPatienceMs?: number | null;
}

/**
 * Watches sequences until all have ended. No call to Temporal is open when this returns or fails: one that is still waiting
 * would be tried again on a connection that was closed meanwhile, and end the process.
 *
 * @returns how each ended
 * @throws Error if one fails, or shows an alarm for too long
 */
export async function watchSequences(
  posted: readonly PostedSequence[],
  options: WatchOptions,
): Promise<SequenceOutcome[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const { client } = options;
  // The library leaves a listener on it for every poll.
  setMaxListeners(0, signal);
  const outcomes = Promise.all(
    posted.map((sequence) => client.withAbortSignal(signal, () => outcomeOf(client, sequence, signal))),
  );
  try {
    return await watchUntilEnded(posted, outcomes, { ...options, signal });
  } finally {
    stop.abort();
    await outcomes.catch(() => undefined);
  }
}

async function watchUntilEnded(
  posted: readonly PostedSequence[],
  outcomes: Promise<SequenceOutcome[]>,
  { client, provider, onProgress, signal, alarmPatienceMs = 60_000 }: WatchOptions,
): Promise<SequenceOutcome[]> {
  const watched: WatchedSequence[] = posted.map((sequence) => ({ posted: sequence, progress: null }));
  // Heard below; until then a failure must not end the process.
  outcomes.catch(() => undefined);
  const alarms = new Map<WatchedSequence, number>();
  let ended = false;
  const settled = outcomes.finally(() => (ended = true)).catch(() => undefined);
  while (!ended && !signal.aborted) {
    await Promise.all(watched.map((one) => refresh(client, one)));
    onProgress(watched, await provider.getBlockNumber().catch(() => null));
    for (const one of watched) requirePatience(one, alarms, alarmPatienceMs ?? Infinity);
    await Promise.race([settled, delay(POLL_MS, undefined, { signal }).catch(() => undefined)]);
  }
  signal.throwIfAborted();
  const results = await outcomes;
  await Promise.all(watched.map((one) => refresh(client, one)));
  onProgress(watched, await provider.getBlockNumber().catch(() => null));
  return results;
}

/** Asks the workflow how far it is; one that cannot answer now is asked again soon. */
async function refresh(client: Client, one: WatchedSequence): Promise<void> {
  const handle = client.workflow.getHandle(sequenceWorkflowId(one.posted));
  try {
    const ask = (): Promise<SequenceProgress> => handle.query<SequenceProgress>('progress');
    one.progress = await client.withDeadline(Date.now() + ANSWER_MS, ask);
  } catch {
    // Not started yet, or its worker is busy or being started again.
  }
}

function requirePatience(one: WatchedSequence, alarms: Map<WatchedSequence, number>, patienceMs: number): void {
  if (!one.progress?.alarm) return void alarms.delete(one);
  const since = alarms.get(one) ?? Date.now();
  alarms.set(one, since);
  if (Date.now() - since > patienceMs) {
    throw new Error(`The sequence of ${batchesName(one.posted)} cannot go on: ${one.progress.alarm}`);
  }
}

async function outcomeOf(client: Client, posted: PostedSequence, signal: AbortSignal): Promise<SequenceOutcome> {
  const workflowId = sequenceWorkflowId(posted);
  for (;;) {
    signal.throwIfAborted();
    try {
      return await client.workflow.getHandle<typeof sequenceWorkflow>(workflowId).result();
    } catch (error) {
      if (error instanceof WorkflowFailedError) {
        const reason = error.cause instanceof Error ? error.cause.message : error.message;
        throw new Error(`The workflow ${workflowId} failed: ${reason}. Its history in the web UI says why`, {
          cause: error,
        });
      }
      // Not started yet, or the server is away for a moment.
      if (!(error instanceof WorkflowNotFoundError)) await delay(POLL_MS, undefined, { signal });
      await delay(POLL_MS, undefined, { signal });
    }
  }
}
