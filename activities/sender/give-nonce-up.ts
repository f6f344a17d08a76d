import type { SenderContext } from './sender-context.js';
import { aboutStep } from './step-log.js';
import { giveNonceUp } from './transaction-states.js';
import type { Attempt, Transaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';

/**
 * The chain has used the row's nonce, and no attempt has a receipt. The transaction that used it is looked for in the
 * blocks: an endpoint that withholds a receipt must not make us send a step twice.
 */
export async function giveNonceUpIfForeign(
  context: SenderContext,
  row: Transaction,
  attempts: Attempt[],
  head: Head,
): Promise<void> {
  const { settings, log, leadership, holdUps, nonceSearch } = context;
  const { nonce } = row;
  if (nonce === null) return;
  const { confirmations } = settings;
  const firstSigned = Math.min(
    ...attempts.filter((attempt) => attempt.nonce === nonce).map(({ signedAtBlock }) => signedAtBlock),
  );
  // A reorg may have put the foreign one into a block below that at which we signed.
  const blocks = { from: Math.max(0, firstSigned - confirmations), to: head.number - confirmations };
  const used = blocks.to < blocks.from ? 'searching' : await nonceSearch.find(nonce, blocks, head.number);
  if (typeof used === 'string') {
    const what = 'and no endpoint gives a receipt of ours: what used it is looked for';
    return holdUps.report(row, `Nonce ${nonce} is used on the chain ${what}, ${confirmations} blocks deep`);
  }
  if (attempts.some(({ hash }) => hash === used.hash)) {
    return holdUps.report(row, `It is mined in block ${used.block} as ${used.hash}, and no endpoint gives its receipt`);
  }
  const note = `nonce ${nonce} was used by another program, in ${used.hash}, block ${used.block}`;
  log.warn({ ...aboutStep(row), nonce, used: used.hash, block: used.block }, note);
  await giveNonceUp(leadership.database, row.id, note);
}
