import { decide, type Decision } from '../../domain/decide.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { Hex } from '../../domain/sequence.js';
import { whyConfirmationsTooDeep } from '../chain/confirmation-depth.js';
import { readReservingCommitments, readSequenceFacts, type SequenceFacts } from '../chain/rollup-facts.js';
import { whyNotCommitTo } from './check-final-proof.js';
import { limitGas, simulateReveal } from './gas-limits.js';
import { revealFeeCap } from './reveal-worth.js';
import type { SenderContext } from './sender-context.js';
import {
  committedProofMissing,
  confirmationsTooDeep,
  finalProofMissing,
  revealWouldFail,
  stepWouldRevert,
  verifierSaysNo,
} from './sender-errors.js';
import { commitCall, revealCall, settleCall, takeBackCall, type StepCall, type StepCallToLimit } from './step-calls.js';
import type { Transaction } from './transactions.js';

/**
 * What the checks right before signing say: `ready` to be signed; `wait` and look again at the next block; `withdraw`,
 * because it has become useless. What a person has to mend is thrown as a refusal.
 */
export type Prepared = { verdict: 'ready'; call: StepCall; proofHash: Hex | null } | NotDue;

/** A step that is not to be sent now. */
export interface NotDue {
  verdict: 'wait' | 'withdraw';
  reason: string;
  /** Whether it waits for what comes by itself, in its time: its window, or a step of ours before it. */
  inOrder?: boolean;
}

/** Rows of the table at which a step waits in order. */
const IN_ORDER_ROWS = [3, 7, 14];

/** What the referee says now of a step that was asked for a while ago. */
export async function refereeSays(context: SenderContext, sequence: SequenceIdentity): Promise<Decision> {
  const view = await context.reader.readView(sequence, context.wallet.address);
  // Whether to stop after failed rounds is for the workflow, which knows what a person said about them.
  return decide({ ...view, failedRoundsInARow: 0 });
}

/** The contract's own view, at the newest block. */
export async function readFacts(
  { chainRpc, wallet }: SenderContext,
  sequence: SequenceIdentity,
): Promise<SequenceFacts> {
  const { hash } = await chainRpc.latest();
  return readSequenceFacts(chainRpc, sequence, wallet.address, hash);
}

/** Checks a step that was never signed (or whose nonce is lost) and makes its call. */
export async function prepareStep(context: SenderContext, row: Transaction): Promise<Prepared> {
  switch (row.step) {
    case 'commit':
      return prepareCommit(context, row);
    case 'reveal':
      return prepareReveal(context, row);
    case 'settle':
      return prepareSettle(context, row);
    case 'take-back':
      return unlessItReverts(context, row, takeBackCall(row));
    case 'fill-nonce':
      return { verdict: 'withdraw', reason: 'its gap is closed' };
  }
}

async function prepareCommit(context: SenderContext, row: Transaction): Promise<Prepared> {
  const { sequence } = row;
  const { chainRpc, wallet, finalProofs } = context;
  const decision = await refereeSays(context, sequence);
  if (decision.action !== 'commit') return notDue(decision, [1, 3, 7]);

  const facts = await readFacts(context, sequence);
  const tooDeep = whyConfirmationsTooDeep(sequence.rollup, context.settings.confirmations, facts.terms.t2);
  if (tooDeep !== null) throw confirmationsTooDeep(tooDeep);
  const final = await finalProofs.toCommit(sequence, wallet.address);
  if (!final) throw finalProofMissing(sequence);
  const why = await whyNotCommitTo(chainRpc, facts, sequence, wallet.address, final);
  if (why !== null) throw verifierSaysNo(sequence, facts.terms.rule, why);

  const listed = (await readReservingCommitments(chainRpc, sequence.rollup, wallet.address)).length;
  const open = facts.openCommitments;
  const call = commitCall(row, final.proofHash, decision, { open, ended: Math.max(0, listed - open) });
  const limited = await limitGas(context, row, call);
  if ('reverts' in limited) throw stepWouldRevert('commit', sequence, limited.reverts);
  await finalProofs.markCommitted(final.digest);
  return { verdict: 'ready', call: limited.call, proofHash: final.proofHash };
}

async function prepareReveal(context: SenderContext, row: Transaction): Promise<Prepared> {
  const { sequence } = row;
  const { wallet, finalProofs } = context;
  const due = await revealIsDue(context, row);
  if (due.verdict !== 'due') return due;

  const facts = await readFacts(context, sequence);
  const final = await finalProofs.committedTo(sequence, wallet.address, facts.ownProofHash);
  if (!final) throw committedProofMissing(sequence, facts.ownProofHash);
  const call = revealCall(row, final, facts.terms.verificationGas);

  const simulated = await simulateReveal(context, call);
  if (simulated === 'not accepted') throw revealWouldFail(sequence);
  // The block before its window, or a node a block behind: not wrong, only not yet.
  if ('reverts' in simulated) return { verdict: 'wait', reason: `would revert with ${simulated.reverts}` };
  const feeCapWei = await revealFeeCap(context, facts, sequence.rollup, call.fixedGas);
  return { verdict: 'ready', call: { ...simulated.call, feeCapWei }, proofHash: final.proofHash };
}

/** The T2 condition: whether the window of a reveal is open, is still to come, or has gone. */
export async function revealIsDue(context: SenderContext, row: Transaction): Promise<{ verdict: 'due' } | NotDue> {
  const decision = await refereeSays(context, row.sequence);
  if (decision.action !== 'reveal') return notDue(decision, [1, 3, 7, 14]);
  if (row.round !== null && decision.round !== row.round) {
    return { verdict: 'withdraw', reason: `round ${row.round} is over, it is about round ${decision.round} now` };
  }
  return { verdict: 'due' };
}

/** @param waitRows rows of the table after which the step may still become due */
function notDue({ row, action }: Decision, waitRows: number[]): NotDue {
  const gone = row === 2 && action === 'wait';
  const verdict = gone || waitRows.includes(row) ? 'wait' : 'withdraw';
  return { verdict, reason: `row ${row} says ${action}`, inOrder: IN_ORDER_ROWS.includes(row) };
}

/** Whether a round has failed, an endpoint that is a block behind does not know yet: it is asked again. */
async function prepareSettle(context: SenderContext, row: Transaction): Promise<Prepared> {
  const prepared = await unlessItReverts(context, row, settleCall(row, context.wallet.address));
  if (prepared.verdict !== 'withdraw') return prepared;
  const { rollup, lastBatch } = row.sequence;
  const listed = await readReservingCommitments(context.chainRpc, rollup, context.wallet.address);
  const isListed = listed.some(({ finalBatch, round }) => finalBatch === lastBatch && round === row.round);
  return isListed ? { verdict: 'wait', reason: prepared.reason } : prepared;
}

/** Steps that only book what is due: reverting, they are done already. */
async function unlessItReverts(context: SenderContext, row: Transaction, call: StepCallToLimit): Promise<Prepared> {
  const limited = await limitGas(context, row, call);
  if ('reverts' in limited) return { verdict: 'withdraw', reason: `would revert with ${limited.reverts}` };
  return { verdict: 'ready', call: limited.call, proofHash: row.proofHash };
}
