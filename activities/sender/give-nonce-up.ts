import { isHex } from '../storage/database.js';
import type { SenderContext } from './sender-context.js';
import { aboutStep } from './step-log.js';
import { giveNonceUp } from './transaction-states.js';
import type { Attempt, Transaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';

/**
 * The chain has used the row's nonce, and no attempt has a receipt. The transaction that used it is looked up in the
 * blocks: an endpoint that withholds a receipt must not make us send a step twice.
 */
export async function giveNonceUpIfForeign(
  context: SenderContext,
  row: Transaction,
  attempts: Attempt[],
  head: Head,
): Promise<void> {
  const { rpc, wallet, settings, log, leadership } = context;
  const atNonce = attempts.filter(({ nonce }) => nonce === row.nonce);
  const firstSigned = Math.min(...atNonce.map(({ signedAtBlock }) => signedAtBlock));
  // A reorg may have put the foreign one into a block below that at which we signed.
  const from = Math.max(0, firstSigned - settings.confirmations);
  const deepEnough = head.number - settings.confirmations;
  if (row.nonce === null || deepEnough < from) return;
  if ((await rpc.transactionCount(wallet.address, deepEnough)) <= row.nonce) return;
  // Down from there: it was a moment ago, unless this sender was away for long.
  for (let block = deepEnough; block >= from; block -= 1) {
    const sent = (await rpc.transactionsIn(block)).filter(
      (transaction) =>
        transaction.from.toLowerCase() === wallet.address.toLowerCase() && transaction.nonce === row.nonce,
    );
    const [used] = sent;
    if (!used) continue;
    if (attempts.some(({ hash }) => hash === used.hash)) {
      log.warn({ hash: used.hash, block }, 'mined, but the endpoint gives no receipt: waiting for it');
      return;
    }
    const note = `nonce ${row.nonce} was used by another program, in ${isHex(used.hash) ? used.hash : '?'}, block ${block}`;
    log.warn({ ...aboutStep(row), nonce: row.nonce, used: used.hash, block }, note);
    await giveNonceUp(leadership.database, row.id, note);
    return;
  }
}
