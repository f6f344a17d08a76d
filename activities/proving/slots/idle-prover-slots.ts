import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { ProofSlots } from '../proof-slots.js';
import type { ProverPool } from '../../../domain/prover-pool.js';
import { createMachineRest } from './machine-rest.js';
import { createPermitQueue } from './permit-queue.js';
import type { ProofRecord } from './proof-record.js';

/** Provers that work for us: one that is busy with a task of ours has its slot already. */
export function usableProvers(pool: ProverPool): number {
  return pool.provers().filter(({ state }) => state === 'idle' || state === 'busy').length;
}

/** What a gateway has of slots. */
export interface IdleProverSlots {
  /** Where its proofs are made: the pool finds a prover for each. */
  proofs: ProofSlots;
  /** Says when it may ask for a task. */
  supplier: CustomSlotSupplier<ActivitySlotInfo>;
}

export interface IdleProverSlotOptions {
  /** Called at the end of each proof. */
  onProof?: (record: ProofRecord) => void;
  /** Called when proofs failed again and again, and no task is taken for a while. */
  onRest?: (restMs: number) => void;
}

/**
 * Slots that follow the provers which have dialled in: a task is asked for only while a prover is idle that no other
 * task was asked for. (A prover that goes away while the server is being asked is the exception: that task waits a
 * moment for it or another, then goes back.) When proofs fail one after the other, no task is asked for during a rest.
 */
export function createIdleProverSlots(pool: ProverPool, options: IdleProverSlotOptions = {}): IdleProverSlots {
  /** Slots given out, whether a task has come for them or not. */
  let given = 0;
  const rest = createMachineRest((restMs) => {
    setTimeout(() => queue.serve(), restMs).unref();
    options.onRest?.(restMs);
  });

  function take(): SlotPermit | null {
    if (given >= usableProvers(pool) || performance.now() < rest.untilMs()) return null;
    given += 1;
    return {};
  }

  const queue = createPermitQueue(take);
  pool.onState(queue.serve);
  return {
    proofs: {
      claim: (task) => ({
        async prove(signal, work) {
          const beganAtMs = Date.now();
          let outcome: ProofRecord['outcome'] = 'failed';
          try {
            const result = await work({ slot: 1, signal, progress: () => {} });
            outcome = 'made';
            rest.succeeded();
            return result;
          } finally {
            options.onProof?.({ ...task, beganAtMs, endedAtMs: Date.now(), outcome });
          }
        },
        leave(isSick) {
          if (isSick) rest.failed();
        },
      }),
    },
    supplier: {
      type: 'custom',
      reserveSlot: (_context, signal) => queue.reserve(signal),
      tryReserveSlot: take,
      markSlotUsed: () => {},
      releaseSlot() {
        given -= 1;
        queue.serve();
      },
    },
  };
}
