import type { Handled } from './cache-loop.js';
import type { HoldUps } from './hold-ups.js';
import { prepareStep, type NotDue } from './prepare-step.js';
import type { SenderContext } from './sender-context.js';
import { RefusalError } from './sender-errors.js';
import { signAndSend } from './sign-attempt.js';
import { outcomeOf, type StepWaiters } from './step-waiters.js';
import { withdraw } from './transaction-states.js';
import { readTransaction, type Transaction } from './transactions.js';
import { aboutStep } from './step-log.js';

/**
 * One pass of a sending loop over one step: check, sign, write, broadcast.
 *
 * @returns `signed` if it was signed, now or before: from then on it is watched
 */
export async function sendStep(
  context: SenderContext,
  waiters: StepWaiters,
  transactionId: string,
): Promise<Handled | 'signed'> {
  const { database } = context.leadership;
  const row = await readTransaction(database, transactionId);
  if (row.state !== 'prepared') return 'signed';
  try {
    const prepared = await prepareStep(context, row);
    if (prepared.verdict === 'ready') {
      await signAndSend(context, row, prepared.call, prepared.proofHash);
      return 'signed';
    }
    if (prepared.verdict === 'wait') {
      await noteWait(context.holdUps, row, prepared);
      return 'at-next-head';
    }
    context.log.info({ ...aboutStep(row), reason: prepared.reason }, 'not sent');
    await withdraw(database, row.id, prepared.reason);
    context.holdUps.forget(row.id);
    waiters.resolve(row.id, await outcomeOf(database, await readTransaction(database, row.id)));
    return 'done';
  } catch (error) {
    if (!(error instanceof RefusalError)) throw error;
    // Most causes go by themselves or by a person's hand, and windows are short: it is checked again at every block.
    await context.holdUps.report(row, error.message, 'at once');
    return 'at-next-head';
  }
}

/** Why a step that is not due yet waits. */
export async function noteWait(holdUps: HoldUps, row: Transaction, { reason, inOrder }: NotDue): Promise<void> {
  await (inOrder ? holdUps.clear(row, reason) : holdUps.report(row, reason));
}
