import type { ActivitySlotInfo, CustomSlotSupplier, SlotPermit } from '@temporalio/worker';
import type { ProverPool } from '../../provers/zkevm-prover/prover-pool.js';

interface Asking {
  grant(permit: SlotPermit): void;
}

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
  const asking = new Set<Asking>();
  /** Slots given out, whether a task has come for them or not. */
  let given = 0;

  function take(): SlotPermit | null {
    if (given >= usableProvers(pool)) return null;
    given += 1;
    return {};
  }

  function serve(): void {
    for (const one of asking) {
      const permit = take();
      if (!permit) return;
      asking.delete(one);
      one.grant(permit);
    }
  }

  pool.events.on('state', serve);
  return {
    type: 'custom',
    async reserveSlot(_context, signal) {
      signal.throwIfAborted();
      const permit = await new Promise<SlotPermit | null>((resolve) => {
        const one: Asking = {
          grant(permit) {
            signal.removeEventListener('abort', abort);
            resolve(permit);
          },
        };
        const abort = (): void => {
          asking.delete(one);
          resolve(null);
        };
        signal.addEventListener('abort', abort, { once: true });
        asking.add(one);
        serve();
      });
      if (permit) return permit;
      // The SDK takes anything but its own reason, which is no Error, for a failure.
      throw signal.reason;
    },
    tryReserveSlot: take,
    markSlotUsed: () => {},
    releaseSlot() {
      given -= 1;
      serve();
    },
  };
}
