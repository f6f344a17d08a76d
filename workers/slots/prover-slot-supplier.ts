import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { ClaimRequest, ProverSlots } from './prover-slots.js';

/** Most requests for tasks that one process has open at the server, however many slots are idle. */
export const MAX_OPEN_CLAIMS = 20;

/**
 * Has the SDK ask for a task only when a slot has, or will soon have, nothing to do. What the SDK calls a slot is a task
 * that came, until its end is reported: there are more of them than proofs at a time.
 */
export function createProverSlotSupplier(slots: ProverSlots): CustomSlotSupplier<ActivitySlotInfo> {
  const permits = new Map<SlotPermit, ClaimRequest>();
  /** Requests of the SDK that wait for an opening. */
  const asking = new Set<(permit: SlotPermit) => void>();

  function take(): SlotPermit | null {
    const request = slots.openClaim();
    if (!request) return null;
    const permit: SlotPermit = {};
    permits.set(permit, request);
    return permit;
  }

  function serve(): void {
    for (const grant of asking) {
      const permit = take();
      if (!permit) return;
      asking.delete(grant);
      grant(permit);
    }
  }

  slots.onOpening(serve);
  return {
    type: 'custom',
    async reserveSlot(_context, signal) {
      signal.throwIfAborted();
      const permit = await new Promise<SlotPermit | null>((resolve) => {
        const abort = (): void => {
          asking.delete(grant);
          resolve(null);
        };
        const grant = (granted: SlotPermit): void => {
          signal.removeEventListener('abort', abort);
          resolve(granted);
        };
        signal.addEventListener('abort', abort, { once: true });
        asking.add(grant);
        serve();
      });
      if (permit) return permit;
      // The SDK takes anything but its own reason, which is no Error, for a failure.
      throw signal.reason;
    },
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
