import type { BlockRef } from '../../domain/sequence-view.js';
import { isStale } from './canonical.js';
import type { ChainRpc } from './chain-rpc.js';

/** A chain that is said to be shorter for so long is shorter: no node lags for ever. */
const BELIEVED_AFTER_MS = 60_000;

/**
 * A head that never goes back unless the chain does. Behind one URL stand several nodes, one of which may be far behind:
 * its head would make a timer sleep through a window.
 *
 * @param latest asks for the head as an endpoint has it now
 * @returns asks for the head; given is the last one that was used
 */
export function createSteadyHead<Head extends BlockRef>(
  rpc: Pick<ChainRpc, 'block'>,
  latest: () => Promise<Head>,
): (lastUsed: Head | null) => Promise<Head> {
  let lowerSinceMs: number | null = null;
  return async (lastUsed) => {
    const head = await latest();
    if (!lastUsed || head.number >= lastUsed.number || !(await isStale(rpc, head, lastUsed))) {
      lowerSinceMs = null;
      return head;
    }
    lowerSinceMs ??= Date.now();
    return Date.now() - lowerSinceMs < BELIEVED_AFTER_MS ? lastUsed : head;
  };
}
