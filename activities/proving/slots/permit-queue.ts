import type { SlotPermit } from '@temporalio/worker';

/** Requests of the SDK for permits to take a task, each of which waits until there is one. */
export interface PermitQueue {
  /** `reserveSlot` of a slot supplier: waits for a permit, or until the SDK wants it no more. */
  reserve(signal: AbortSignal): Promise<SlotPermit>;
  /** To be called whenever `take` may have another answer than before. */
  serve(): void;
}

/** @param take gives a permit if there is one now, null otherwise */
export function createPermitQueue(take: () => SlotPermit | null): PermitQueue {
  const asking = new Set<(permit: SlotPermit) => void>();

  function serve(): void {
    for (const grant of asking) {
      const permit = take();
      if (!permit) return;
      asking.delete(grant);
      grant(permit);
    }
  }

  return {
    serve,
    async reserve(signal) {
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
  };
}
