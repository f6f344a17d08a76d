import type { Hex } from '../../domain/sequence.js';
import { createOneAtATime } from './one-at-a-time.js';
import type { WalletRpc } from './wallet-rpc.js';

/** A transaction of the wallet in a block. */
export interface UsedNonce {
  hash: Hex;
  block: number;
}

/** Looks through blocks for the transactions that used nonces of the wallet. */
export interface NonceSearch {
  /**
   * Looks at a few blocks more, if any are left.
   *
   * @param blocks both ends are part of it
   * @param head at each head so many blocks are read at most, whoever asks
   * @returns `searching` while not all of them were looked at
   */
  find(
    nonce: number,
    blocks: { from: number; to: number },
    head: number,
  ): Promise<UsedNonce | 'not there' | 'searching'>;
}

/** An endpoint counts requests, and the steps with a window need it, too. */
const BLOCKS_A_HEAD = 16;

/**
 * Reads blocks alone, so that no state of old blocks is needed: full nodes keep that of the last 128. From the newest down:
 * mostly it was a moment ago. What was read is remembered, for all nonces.
 */
export function createNonceSearch(rpc: Pick<WalletRpc, 'transactionsIn'>, wallet: string): NonceSearch {
  const oneAtATime = createOneAtATime();
  const found = new Map<number, UsedNonce>();
  /** What was looked at, without a gap; empty where low is above high. */
  let looked: { low: number; high: number } | null = null;
  let budget = { head: -1, left: 0 };

  async function look(block: number): Promise<void> {
    budget.left -= 1;
    for (const { hash, from, nonce } of await rpc.transactionsIn(block)) {
      if (from.toLowerCase() === wallet.toLowerCase()) found.set(nonce, { hash, block });
    }
  }

  return {
    find: (nonce, { from, to }, head) =>
      oneAtATime(async () => {
        if (budget.head !== head) budget = { head, left: BLOCKS_A_HEAD };
        // A search of long ago is begun anew at the newest block.
        if (!looked || to > looked.high + BLOCKS_A_HEAD) looked = { low: to + 1, high: to };
        for (; looked.high < to && budget.left > 0; looked.high += 1) await look(looked.high + 1);
        for (; looked.low > from && !found.has(nonce) && budget.left > 0; looked.low -= 1) await look(looked.low - 1);
        const used = found.get(nonce);
        if (used) return used;
        return looked.low <= from && looked.high >= to ? 'not there' : 'searching';
      }),
  };
}
