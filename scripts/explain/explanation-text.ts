import { formatUnits } from 'ethers';
import type { Decision } from '../../domain/decide.js';
import { alarmText, outcomeText } from '../../domain/sequence-progress.js';
import { inCoins } from '../miner/asset.js';
import type { ExplainedTransaction, Explanation } from './explain-sequence.js';

/** Why each row of the table fits; the table itself is in docs/two-step.md. */
const ROW_TEXT: Record<Decision['row'], string> = {
  1: 'the view is older than the last one used: an endpoint lags',
  2: 'the sequence is not on the chain, or another stands in its place',
  3: "somebody's proof was accepted while a step of ours is in flight",
  4: 'our proof was accepted',
  5: "another's proof was accepted; our proofHash stands, and its proof still earns: in full before E, in part later",
  6: "another's proof was accepted and nothing of ours can earn any more",
  7: 'a step of ours is in flight',
  8: 'a proofHash is due and no final proof is stored',
  9: 'a proofHash is due, but something speaks against it',
  10: 'there is no round, or the last one is over: our proofHash opens a new one',
  11: 'the predecessor is not verified, the hash window is over and our proof is lost or refused: its hash is taken back',
  12: 'too few blocks are left in the hash window for a new proofHash',
  13: 'the hash window is open and we have no proofHash in it',
  14: 'our proofHash stands; its proof may not be revealed yet',
  15: 'the proof behind our proofHash cannot be revealed: it is missing, does not match or would be refused',
  16: 'the reveal window is open and our proofHash stands',
  17: 'a round is running in which we can do nothing',
};

/** The explanation as a person reads it. */
export function explanationText(explanation: Explanation): string {
  const { workflowId, miner, progress, decision, view, transactions } = explanation;
  return [
    `${workflowId}, miner ${miner}`,
    '',
    `At block ${view.head.number} row ${decision.row} fits: ${ROW_TEXT[decision.row]}.`,
    `To do: ${decisionText(decision)}`,
    ...('reason' in decision ? [`! ${alarmText(decision.reason, explanation.sequence)}`] : []),
    progress
      ? `Its workflow: ${progress.stage}, ${progress.doing}`
      : 'Its workflow does not run, or no aggregator answers',
    ...(progress?.alarm ? [`! ${progress.alarm}`] : []),
    ...(progress?.goOn ? [`To go on in spite of it: ${progress.goOn}`] : []),
    '',
    'What it looks at',
    ...Object.entries(view).map(([name, value]) => `  ${name.padEnd(26)}${factText(name, value)}`),
    '',
    ...(transactions.length === 0 ? ['No transaction was made for it yet'] : ['Transactions, the oldest first']),
    ...transactions.flatMap(transactionLines),
  ].join('\n');
}

function decisionText(decision: Decision): string {
  if (decision.action === 'finish') return `finish (${outcomeText(decision.outcome)})`;
  const { row: _row, action, ...details } = decision;
  const given = Object.entries(details)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => `${name} ${factText(name, value)}`);
  return given.length === 0 ? action : `${action} (${given.join(', ')})`;
}

function factText(name: string, value: unknown): string {
  if (name.endsWith('Wei') && typeof value === 'string') return inCoins(BigInt(value));
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return JSON.stringify(value);
  return Object.entries(value)
    .map(([field, of]) => `${field} ${factText(field, of)}`)
    .join(', ');
}

function transactionLines(transaction: ExplainedTransaction): string[] {
  const { step, tryNumber, round, state, nonce, mined, note, attempts } = transaction;
  const about = round === null ? '' : ` of round ${round}`;
  const place = mined
    ? `: block ${mined.block.number}, ${mined.success ? 'succeeded' : 'REVERTED'}, ${mined.gasUsed} gas, ${mined.hash}`
    : '';
  return [
    `  ${step} ${tryNumber}${about}: ${state}${nonce === null ? '' : `, nonce ${nonce}`}${place}`,
    ...(note === null ? [] : [`    note: ${note}`]),
    ...attempts.map(
      ({ hash, nonce: used, purpose, signedAtBlock, heldSinceBlock, maxFeePerGas }) =>
        `    ${hash}  nonce ${used}, ${purpose}, signed at block ${signedAtBlock}, at most ` +
        `${formatUnits(maxFeePerGas, 'gwei')} gwei a gas, ` +
        (heldSinceBlock === null ? 'NO ENDPOINT HAS TAKEN IT' : `taken at block ${heldSinceBlock}`),
    ),
  ];
}
