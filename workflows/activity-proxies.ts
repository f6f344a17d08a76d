import { ActivityFailure, proxyActivities, TimeoutFailure } from '@temporalio/workflow';
import type { ChainActivities } from '../domain/chain-activities.js';
import type { MachineActivities } from '../domain/machine-activities.js';
import type { ProofGeneratorActivities } from '../domain/proof-generator-activities.js';
import type { SenderActivities } from '../domain/sender-activities.js';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue, senderQueue } from '../domain/names.js';

/** A worker that says nothing for so long is taken for dead, and its activity given to another. */
export const HEARTBEAT_TIMEOUT_MS = 15_000;

// Chain, database and wallet come back sooner or later: an activity that needs them is tried until they do.
const PATIENT_RETRY = { initialInterval: 500, backoffCoefficient: 2, maximumInterval: 15_000 };

// What needs the chain fails after a few seconds without it, so that the workflow can say so; then it tries again itself.
const CHAIN_RETRY = { initialInterval: 500, backoffCoefficient: 2, maximumAttempts: 5 };

/** Long waits end by their own condition; the bound only keeps a forgotten one from living for ever. */
const LONG_WAIT = '30 days';

/**
 * Reads of the chain send no heartbeats, so this is how long a reader that was killed in the middle of one holds a
 * sequence up: to be short against any T2.
 */
const READ_TIMEOUT = '20 seconds';

/** A wait that finds no free slot for so long is given up: its workflow looks by a short read instead. */
const WAIT_FOR_SLOT = '10 seconds';

/** Short reads of the base chain; `waitForSequences` only looks here, without waiting. */
export function chainReads(chainId: number) {
  return proxyActivities<
    Pick<ChainActivities, 'describeRollup' | 'readSequenceView' | 'expectedTimeUntilBlock' | 'waitForSequences'>
  >({
    taskQueue: chainQueue(chainId),
    startToCloseTimeout: READ_TIMEOUT,
    retry: CHAIN_RETRY,
  });
}

/** Waits on the base chain: one long, heartbeating activity each. */
export function chainWaits(chainId: number) {
  return proxyActivities<Pick<ChainActivities, 'waitForSequences' | 'waitForChange'>>({
    taskQueue: chainWaitsQueue(chainId),
    scheduleToStartTimeout: WAIT_FOR_SLOT,
    startToCloseTimeout: LONG_WAIT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    cancellationType: 'TRY_CANCEL',
    retry: CHAIN_RETRY,
  });
}

/** Runs a wait; null where it found no slot in time. */
export async function unlessThereIsNoRoom<T>(wait: () => Promise<T>): Promise<T | null> {
  try {
    return await wait();
  } catch (error) {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') return null;
    throw error;
  }
}

/** What an activity failed of after its last try, null for any other error: one that no further try would change. */
export function lastingFailure(error: unknown): string | null {
  if (!(error instanceof ActivityFailure) || error.retryState !== 'MAXIMUM_ATTEMPTS_REACHED') return null;
  return error.cause?.message ?? error.message;
}

/** Planning, checking and storing of proofs on the aggregator. */
export const proofGenerator = proxyActivities<ProofGeneratorActivities>({
  taskQueue: AGGREGATOR_QUEUE,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: PATIENT_RETRY,
});

/**
 * Planning of a sequence's batch proofs: it reads what was posted from the chain. No proof is being made yet, so that
 * giving up after about a minute, to say why, costs nothing.
 */
export const batchPlanner = proxyActivities<Pick<ProofGeneratorActivities, 'planBatchProofs'>>({
  taskQueue: AGGREGATOR_QUEUE,
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '1 minute',
  retry: { ...PATIENT_RETRY, maximumAttempts: 8 },
});

/** What the aggregator knows of mining machines. */
export const machines = proxyActivities<MachineActivities>({
  taskQueue: AGGREGATOR_QUEUE,
  startToCloseTimeout: READ_TIMEOUT,
  retry: PATIENT_RETRY,
});

/** The Proof Sender of one wallet. */
export function proofSender(chainId: number, miner: string) {
  return proxyActivities<SenderActivities>({
    taskQueue: senderQueue(chainId, miner),
    startToCloseTimeout: LONG_WAIT,
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: PATIENT_RETRY,
  });
}
