import { ApplicationFailure } from '@temporalio/common';
import type { StepOutcome } from '../../domain/sender-activities.js';
import type { Queryable } from './ports.js';
import { attemptsOf, type Transaction } from './transactions.js';

/** Those who wait for the end of a step, by its row. */
export interface StepWaiters {
  /** Resolves with the outcome. Rejects with the signal's reason, or when the sender stops. */
  wait(transactionId: string, signal?: AbortSignal): Promise<StepOutcome>;
  resolve(transactionId: string, outcome: StepOutcome): void;
  /** The sender stops: all waits end so that they are handed to the next one. */
  stop(): void;
}

interface Waiter {
  resolve(outcome: StepOutcome): void;
  reject(error: unknown): void;
}

export function createStepWaiters(): StepWaiters {
  const waiting = new Map<string, Set<Waiter>>();
  let stopped = false;

  function finish(transactionId: string, tell: (waiter: Waiter) => void): void {
    const waiters = waiting.get(transactionId) ?? [];
    waiting.delete(transactionId);
    for (const waiter of waiters) tell(waiter);
  }

  return {
    wait(transactionId, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(reasonOf(signal));
        if (stopped) return reject(senderStopped());
        const waiter: Waiter = { resolve, reject };
        const waiters = waiting.get(transactionId) ?? new Set();
        waiting.set(transactionId, waiters.add(waiter));
        signal?.addEventListener('abort', () => {
          waiters.delete(waiter);
          reject(reasonOf(signal));
        });
      });
    },
    resolve: (transactionId, outcome) => finish(transactionId, (waiter) => waiter.resolve(outcome)),
    stop() {
      stopped = true;
      for (const transactionId of [...waiting.keys()]) {
        finish(transactionId, (waiter) => waiter.reject(senderStopped()));
      }
    },
  };
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

/** Retried by Temporal: the next leader finds the rows and goes on. */
function senderStopped(): ApplicationFailure {
  return ApplicationFailure.retryable('The sender stops; the step goes on with the next one', 'SenderStopped');
}

/** How a step ended, from a row that is `mined`, `final` or `withdrawn`. */
export async function outcomeOf(database: Queryable, { id, mined }: Transaction): Promise<StepOutcome> {
  if (!mined) return { result: 'cancelled', transactionHash: null, blockNumber: null, gasUsed: null };
  const { hash, block, success, gasUsed } = mined;
  const attempt = (await attemptsOf(database, id)).find((candidate) => candidate.hash === hash);
  const result = attempt?.purpose === 'no-op' ? 'cancelled' : success ? 'mined' : 'reverted';
  return { result, transactionHash: hash, blockNumber: block.number, gasUsed };
}
