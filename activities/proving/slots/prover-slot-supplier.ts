import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import { createPermitQueue } from './permit-queue.js';
import type { ClaimRequest, ProverSlots } from './prover-slots.js';

/** Most requests for tasks that one process has open at the server, however many slots are idle. */
export const MAX_OPEN_CLAIMS = 20;

/**
 * Has the SDK ask for a task only when a slot has, or will soon have, nothing to do. What the SDK calls a slot is a task
 * that came, until its end is reported: there are more of them than proofs at a time.
 */
export function createProverSlotSupplier(slots: ProverSlots): CustomSlotSupplier<ActivitySlotInfo> {
  const permits = new Map<SlotPermit, ClaimRequest>();

  function take(): SlotPermit | null {
    const request = slots.openClaim();
    if (!request) return null;
    const permit: SlotPermit = {};
    permits.set(permit, request);
    return permit;
  }

  const queue = createPermitQueue(take);
  slots.onOpening(queue.serve);
  return {
    type: 'custom',
    reserveSlot: (_context, signal) => queue.reserve(signal),
    // Asked only for tasks of workflows that run in the same process.
    tryReserveSlot: () => null,
    markSlotUsed({ permit }) {
      const request = permits.get(permit);
      if (request) slots.answered(request);
    },
    releaseSlot({ permit }) {
      const request = permits.get(permit);
      permits.delete(permit);
      if (request) slots.close(request);
    },
  };
}
