import { isStale } from './canonical.js';
import type { ChainRpc } from './chain-rpc.js';
import type { Header } from './endpoints/rpc-answers.js';

/** A chain that is said to be shorter for so long is shorter: no node lags for ever. */
const BELIEVED_AFTER_MS = 60_000;

/**
 * A head that never goes back unless the chain does. Behind one URL stand several nodes, one of which may be far behind:
 * its head would make a timer sleep through a window.
 *
 * @returns asks for the head; given is the last one that was used
 */
export function createSteadyHead(rpc: ChainRpc): (lastUsed: Header | null) => Promise<Header> {
  let lowerSinceMs: number | null = null;
  return async (lastUsed) => {
    const head = await rpc.latest();
    if (!lastUsed || head.number >= lastUsed.number || !(await isStale(rpc, head, lastUsed))) {
      lowerSinceMs = null;
      return head;
    }
    lowerSinceMs ??= Date.now();
    return Date.now() - lowerSinceMs < BELIEVED_AFTER_MS ? lastUsed : head;
  };
}
