import { ROLLUP } from '../chain/rollup-facts.js';
import { handToEndpoints } from './hand-to-endpoints.js';
import { keepGoing } from './keep-going.js';
import type { SenderContext } from './sender-context.js';
import { markMined, markPendingAgain } from './transaction-states.js';
import { attemptsOf, readTransaction, type Attempt, type MinedAt, type Transaction } from './transactions.js';
import type { Head, Receipt } from './wallet-rpc.js';
import { aboutStep } from './step-log.js';

/**
 * Brings one live row to what the chain says at this head: receipts and reorgs, depth; where it is not mined, what
 * `keepGoing` does.
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
    if (await hasLeftTheChain(context, row, head)) await bringBack(context, row, attempts, head);
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
async function hasLeftTheChain(
  { rpc, wallet }: SenderContext,
  { mined, nonce }: Transaction,
  head: Head,
): Promise<boolean> {
  if (!mined || nonce === null) return false;
  const hash = await rpc.blockHash(mined.block.number);
  if (hash !== null) return hash !== mined.block.hash;
  // The chain is shorter now, or the endpoint lags: the count at our head tells which.
  return (await rpc.transactionCount(wallet.address, head.number)) <= nonce;
}

/** A reorg took it back: the same bytes again. */
async function bringBack(context: SenderContext, row: Transaction, attempts: Attempt[], head: Head): Promise<void> {
  context.log.warn({ ...aboutStep(row), nonce: row.nonce, block: row.mined?.block }, 'its block has left the chain');
  await markPendingAgain(context.leadership.database, row.id);
  // The newest attempt may have been mined or not: the one that was is what the rest of the chain was built on.
  const attempt = attempts.find(({ hash }) => hash === row.mined?.hash) ?? attempts.at(-1);
  if (attempt) await handToEndpoints(context, row, attempt, head.number);
}
