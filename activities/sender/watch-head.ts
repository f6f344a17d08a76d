import { setTimeout as delay } from 'node:timers/promises';
import { createNonceGapCloser } from './close-nonce-gap.js';
import type { SenderCaches } from './sender-caches.js';
import type { SenderContext } from './sender-context.js';
import { watchFinalAgain } from './transaction-states.js';
import { liveTransactions } from './transactions.js';
import type { Head } from './wallet-rpc.js';

/** Looks at the head until the signal is aborted; each new one wakes the loops. Never rejects. */
export async function watchHead(context: SenderContext, caches: SenderCaches, signal: AbortSignal): Promise<void> {
  const { settings, log, holdUps, metrics } = context;
  const closeNonceGap = createNonceGapCloser(context);
  let seen: string | null = null;
  let failure: string | null = null;
  while (!signal.aborted) {
    try {
      const head = await context.head();
      holdUps.newHead(head.number);
      if (head.hash !== seen) {
        // First of all: what follows takes a moment, and windows are short.
        caches.newHead(head);
        await lookAtNonces(context, caches, head, closeNonceGap);
        seen = head.hash;
      }
      failure = null;
    } catch (error) {
      const reason = `The sender cannot go on: ${error instanceof Error ? error.message : String(error)}`;
      if (!signal.aborted && reason !== failure) log.warn({ error }, 'the head cannot be looked at; tried again');
      failure = reason;
    }
    holdUps.reportAll(failure);
    holdUps.look();
    metrics.stepsHeldUp(holdUps.count());
    await delay(settings.pollIntervalMs, undefined, { signal }).catch(() => undefined);
  }
  metrics.stepsHeldUp(new Map());
}

/** What concerns the wallet as a whole: rows that were done with and are not, and gaps between nonces. */
async function lookAtNonces(
  context: SenderContext,
  caches: SenderCaches,
  head: Head,
  closeNonceGap: (nextNonce: number, head: Head) => Promise<boolean>,
): Promise<void> {
  const { rpc, chainId, wallet, leadership } = context;
  // At this block: an endpoint that is behind it counts too few, and has no answer.
  const nextNonce = await rpc.transactionCount(wallet.address, head.number);
  // A reorg deeper than `confirmations` brings rows back that were done with.
  const brought = await watchFinalAgain(leadership.database, chainId, wallet.address, nextNonce);
  const filled = await closeNonceGap(nextNonce, head);
  if (brought > 0 || filled) await watchLiveRows(context, caches);
}

/** Watches every row that is `pending` or `mined`. */
export async function watchLiveRows(
  { leadership, chainId, wallet }: SenderContext,
  caches: SenderCaches,
): Promise<void> {
  for (const row of await liveTransactions(leadership.database, chainId, wallet.address)) caches.watch(row);
}
