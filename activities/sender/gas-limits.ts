import { describeRevert } from '../../contracts/describe-error.js';
import { ROLLUP } from '../chain/rollup-facts.js';
import { larger, smaller } from './amounts.js';
import type { SenderContext } from './sender-context.js';
import { needsTooMuchGas } from './sender-errors.js';
import type { RevealCall, StepCall, StepCallToLimit } from './step-calls.js';
import type { Transaction } from './transactions.js';

/** A step with its gas limit, or the error with which it would revert in the next block. */
export type LimitedCall = { call: StepCall } | { reverts: string };

/**
 * Gives a step its gas limit: half as much again as the chain's own estimate, since what is cheap in one block may cost
 * more in the next (a commit joins a round, or opens the next one), and room for what may come besides.
 *
 * @throws RefusalError if no transaction may have as much gas as it needs
 */
export async function limitGas(
  { rpc, wallet }: SenderContext,
  row: Transaction,
  { to, data, leastGas, roomGas }: StepCallToLimit,
): Promise<LimitedCall> {
  const estimate = await rpc.estimateGas({ from: wallet.address, to, data });
  if ('revertData' in estimate) return { reverts: describeRevert(ROLLUP, estimate.revertData, to) };
  const cap = await rpc.gasCap();
  if ('tooMuch' in estimate) throw needsTooMuchGas(row.step, row.sequence, estimate.tooMuch, cap);
  const { gas } = estimate;
  if (gas > cap) throw needsTooMuchGas(row.step, row.sequence, `the chain estimates ${gas}`, cap);
  const wished = larger((gas * 3n) / 2n, leastGas) + roomGas;
  return { call: { to, data, gasLimit: smaller(wished, cap) } };
}

/** What a reveal takes besides transaction, calldata and verifier: a first acceptance, three times over today. */
const REVEAL_OVERHEAD_GAS = 700_000n;
/** After a repricing that may be too little: then twice as much is tried, and so on. */
const OVERHEAD_FACTORS = [1n, 2n, 4n, 8n, 16n, 32n];
/** It has to succeed with so much less overhead than it is given, so that there is room. */
const TIGHT = { numerator: 3n, denominator: 4n };

/** As a `LimitedCall`, or `not accepted` where the contract would refuse the proof whatever gas it is given. */
export type SimulatedReveal = LimitedCall | 'not accepted';

/**
 * Gives a reveal its gas limit: a fixed part, and an overhead that grows until the simulated reveal returns `true` with a
 * quarter of it to spare. Never an estimate: a search for the smallest limit that does not revert finds a path on which
 * the proof is refused, and here only `true` counts.
 */
export async function simulateReveal(
  { rpc, wallet }: SenderContext,
  { to, data, fixedGas }: RevealCall,
): Promise<SimulatedReveal> {
  const cap = await rpc.gasCap();
  const ask = async (gas: bigint): Promise<'accepted' | 'refused' | 'out of gas' | { reverts: string }> => {
    const answer = await rpc.callAtNext({ from: wallet.address, to, data, gas });
    if ('result' in answer) {
      return ROLLUP.decodeFunctionResult('verifyBatches', answer.result)[0] === true ? 'accepted' : 'refused';
    }
    return isGasShortage(answer.revertData) ? 'out of gas' : { reverts: describeRevert(ROLLUP, answer.revertData, to) };
  };

  for (const overhead of OVERHEAD_FACTORS.map((factor) => REVEAL_OVERHEAD_GAS * factor)) {
    const gasLimit = smaller(fixedGas + overhead, cap);
    const isLast = gasLimit === cap;
    const tight = isLast ? cap : fixedGas + (overhead * TIGHT.numerator) / TIGHT.denominator;
    const said = await ask(tight);
    if (said === 'accepted') return { call: { to, data, gasLimit } };
    if (typeof said === 'object') return said;
    // A rule that returns false for want of gas, with gas left over, may say something else with more.
    if (said === 'refused')
      return (await ask(cap)) === 'accepted' ? { call: { to, data, gasLimit: cap } } : 'not accepted';
    if (isLast) break;
  }
  return { reverts: `lack of gas: it takes more than the ${cap} that one transaction may have on this chain` };
}

/** Errors by which the contract says that its type rule may do with more gas. */
const GAS_SHORTAGES = ['NotEnoughGas', 'VerificationUnknown'];

/** Also no error at all, as a call that runs out of gas gives none. */
function isGasShortage(revertData: string): boolean {
  if (revertData === '0x') return true;
  const error = ROLLUP.parseError(revertData);
  return error !== null && GAS_SHORTAGES.includes(error.name);
}

const TRANSFER_GAS = 21_000n;

/** The gas limit of a transfer of nothing from the wallet to itself: an account may have code (EIP-7702). */
export async function noOpGas({ rpc, wallet }: SenderContext): Promise<bigint> {
  const estimate = await rpc.estimateGas({ from: wallet.address, to: wallet.address, data: '0x' });
  return 'gas' in estimate && estimate.gas > TRANSFER_GAS ? (estimate.gas * 3n) / 2n : TRANSFER_GAS;
}
