import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { ProverPool } from '../../provers/zkevm-prover/prover-pool.js';
import { createPermitQueue } from './permit-queue.js';

/** Provers that work for us: one that is busy with a task of ours has its slot already. */
export function usableProvers(pool: ProverPool): number {
  return pool.provers().filter(({ state }) => state === 'idle' || state === 'busy').length;
}

/**
 * Slots that follow the provers which have dialled in: a task is asked for only while a prover is idle that no other
 * task was asked for. (A prover that goes away while the server is being asked is the exception: that task waits a
 * moment for it or another, then goes back.)
 */
export function createIdleProverSlots(pool: ProverPool): CustomSlotSupplier<ActivitySlotInfo> {
  /** Slots given out, whether a task has come for them or not. */
  let given = 0;

  function take(): SlotPermit | null {
    if (given >= usableProvers(pool)) return null;
    given += 1;
    return {};
  }

  const queue = createPermitQueue(take);
  pool.events.on('state', queue.serve);
  return {
    type: 'custom',
    reserveSlot: (_context, signal) => queue.reserve(signal),
    tryReserveSlot: take,
    markSlotUsed: () => {},
    releaseSlot() {
      given -= 1;
      queue.serve();
    },
  };
}
