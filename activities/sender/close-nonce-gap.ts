import type { SequenceIdentity } from '../../domain/sequence.js';
import type { SenderContext } from './sender-context.js';
import { fillNonce } from './sign-attempt.js';
import { heldNonces, withdraw } from './transaction-states.js';
import { findOrInsertTransaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';

/** A gap must last for so many blocks: an endpoint that lags shows one that is none. */
const GAP_BLOCKS = 2;

/**
 * Looks whether a row waits behind a nonce that nobody holds, as after a reorg that took a foreign transaction away,
 * and closes the gap by a no-op.
 *
 * @returns a function for each new head; it resolves with whether it sent something
 */
export function createNonceGapCloser(context: SenderContext): (nextNonce: number, head: Head) => Promise<boolean> {
  const { chainId, wallet, leadership, log } = context;
  let gap: { nonce: number; since: number } | null = null;

  async function isGap(nonce: number): Promise<boolean> {
    const { held } = await heldNonces(leadership.database, chainId, wallet.address, nonce);
    return held.size > 0 && !held.has(nonce);
  }

  return async (nextNonce, head) => {
    if (!(await isGap(nextNonce))) {
      gap = null;
      return false;
    }
    if (gap?.nonce !== nextNonce || head.number < gap.since) gap = { nonce: nextNonce, since: head.number };
    if (head.number - gap.since < GAP_BLOCKS) return false;

    await context.oneAtATime(async () => {
      // A step may have taken the nonce in the meantime.
      if (!(await isGap(nextNonce))) return;
      log.warn({ nonce: nextNonce }, 'nobody holds this nonce and a transaction waits behind it: closing the gap');
      const key = {
        sequence: noSequence(chainId),
        step: 'fill-nonce',
        tryNumber: nextNonce,
        round: head.number,
      } as const;
      const row = await findOrInsertTransaction(leadership.database, key, wallet.address);
      try {
        await fillNonce(context, row, nextNonce, head);
      } catch (error) {
        await withdraw(leadership.database, row.id, 'not signed');
        throw error;
      }
    });
    return true;
  };
}

/** A no-op between nonces belongs to no sequence. */
function noSequence(chainId: number): SequenceIdentity {
  const zeroAddress = `0x${'00'.repeat(20)}`;
  return { chainId, rollup: zeroAddress, firstBatch: 0, lastBatch: 0, accInputHash: `0x${'00'.repeat(32)}` };
}
