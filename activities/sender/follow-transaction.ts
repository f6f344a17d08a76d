import { isHex } from '../storage/database.js';
import { ROLLUP } from '../chain/rollup-facts.js';
import { nextBaseFee } from './fees.js';
import { refereeSays } from './prepare-step.js';
import type { SenderContext } from './sender-context.js';
import { broadcast, replace } from './sign-attempt.js';
import { giveNonceUp, markMined, markPendingAgain, wantCancel } from './transaction-states.js';
import { attemptsOf, readTransaction, type Attempt, type MinedAt, type Transaction } from './transactions.js';
import type { Head, Receipt } from './wallet-rpc.js';
import { aboutStep } from './step-log.js';

/**
 * Brings one live row to what the chain says at this head: receipts and reorgs, depth, a nonce that somebody else used,
 * a lost broadcast, a fee that is too low, a step that has become useless.
 *
 * @returns the row as it is afterwards
 */
export async function followTransaction(context: SenderContext, row: Transaction, head: Head): Promise<Transaction> {
  const { database } = context.leadership;
  const attempts = await attemptsOf(database, row.id);
  const receipt = await findReceipt(context, attempts);
  if (receipt) {
    if (row.state === 'pending' || row.state === 'mined') await writeMined(context, row, receipt, head);
  } else if (row.state === 'mined') {
    if (await hasLeftTheChain(context, row)) await bringBack(context, row, attempts);
  } else if (row.state === 'pending') {
    await keepGoing(context, row, attempts, head);
  }
  return readTransaction(database, row.id);
}

/** The receipt of whichever attempt was mined, if it is in the endpoint's chain. The newest attempt is asked first. */
async function findReceipt({ rpc }: SenderContext, attempts: Attempt[]): Promise<Receipt | null> {
  for (const { hash } of [...attempts].reverse()) {
    const receipt = await rpc.receipt(hash);
    if (receipt && (await rpc.blockHash(receipt.block.number)) === receipt.block.hash) return receipt;
  }
  return null;
}

async function writeMined(context: SenderContext, row: Transaction, receipt: Receipt, head: Head): Promise<void> {
  const { hash, block, success, gasUsed } = receipt;
  const final = head.number - block.number >= context.settings.confirmations;
  const known = row.mined?.hash === hash && row.mined.block.hash === block.hash;
  if (known && !final) return;
  const mined: MinedAt = { hash, block, success, gasUsed };
  await markMined(context.leadership.database, row.id, mined, { final, round: roundOfCommit(row, receipt) });
  if (!known) {
    context.log.info({ ...aboutStep(row), hash, block: block.number, success, gasUsed }, 'mined');
  }
}

/** The round that a commit joined is what its event says, not what was hoped for. */
function roundOfCommit({ step, sequence }: Transaction, { logs }: Receipt): number | null {
  if (step !== 'commit') return null;
  for (const { address, topics, data } of logs) {
    if (address.toLowerCase() !== sequence.rollup.toLowerCase()) continue;
    const event = ROLLUP.parseLog({ topics, data });
    if (event?.name === 'CommitmentMade') return Number(event.args.getValue('round'));
  }
  return null;
}

/** A receipt that one endpoint does not know says nothing; that its block is another one now does. */
async function hasLeftTheChain({ rpc, wallet }: SenderContext, { mined, nonce }: Transaction): Promise<boolean> {
  if (!mined || nonce === null) return false;
  const hash = await rpc.blockHash(mined.block.number);
  if (hash !== null) return hash !== mined.block.hash;
  // The chain is shorter now, or the endpoint lags; in both cases sending the same bytes again does no harm.
  return (await rpc.transactionCount(wallet.address)) <= nonce;
}

/** A reorg took it back: the same bytes again. */
async function bringBack(context: SenderContext, row: Transaction, attempts: Attempt[]): Promise<void> {
  context.log.warn({ ...aboutStep(row), nonce: row.nonce, block: row.mined?.block }, 'its block has left the chain');
  await markPendingAgain(context.leadership.database, row.id);
  // The newest attempt may have been mined or not: the one that was is what the rest of the chain was built on.
  const attempt = attempts.find(({ hash }) => hash === row.mined?.hash) ?? attempts.at(-1);
  if (attempt) await broadcast(context, row, attempt);
}

/** What a pending row needs at a new head. */
async function keepGoing(context: SenderContext, row: Transaction, attempts: Attempt[], head: Head): Promise<void> {
  const newest = attempts.at(-1);
  if (row.nonce === null || !newest) throw new Error(`transaction ${row.id} is pending without a signed attempt`);
  const nextNonce = await context.rpc.transactionCount(context.wallet.address);
  if (nextNonce > row.nonce) return giveNonceUpIfForeign(context, row, attempts, head);
  const cancel = row.cancelWanted || (await hasBecomeUseless(context, row));
  if (cancel && newest.purpose === 'step') {
    if (await replace(context, row, newest, head, 'no-op')) return;
  } else if (await isStuck(context, newest, head, nextNonce)) {
    if (await replace(context, row, newest, head, newest.purpose)) return;
  }
  if (!(await context.rpc.knows(newest.hash))) await broadcast(context, row, newest);
}

/** Asks the referee about a commit or a reveal under way; other steps are cheap and harmless. */
async function hasBecomeUseless(context: SenderContext, row: Transaction): Promise<boolean> {
  if (row.step !== 'commit' && row.step !== 'reveal') return false;
  const decision = await refereeSays(context, row.sequence);
  if (decision.action !== 'cancel-step') return false;
  if (decision.step.step !== row.step || decision.step.tryNumber !== row.tryNumber) return false;
  const note = `row ${decision.row} says that it has become useless`;
  context.log.info({ ...aboutStep(row), note }, 'cancelling');
  await wantCancel(context.leadership.database, row.id, note);
  return true;
}

/** What waits behind a lower nonce is not brought on by a higher fee, unless its own is too low as well. */
async function isStuck(
  { rpc, settings }: SenderContext,
  newest: Attempt,
  head: Head,
  nextNonce: number,
): Promise<boolean> {
  if (newest.nonce === nextNonce && head.number - newest.signedAtBlock >= settings.bumpAfterBlocks) return true;
  const market = await rpc.feeMarket(head);
  return newest.maxFeePerGas < nextBaseFee(market);
}

/**
 * The chain has used the row's nonce, and no attempt has a receipt. The transaction that used it is looked up in the
 * blocks: an endpoint that withholds a receipt must not make us send a step twice.
 */
async function giveNonceUpIfForeign(
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
