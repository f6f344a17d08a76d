import { formatEther, formatUnits } from 'ethers';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { SequenceIdentity } from '../../domain/sequence.js';

/**
 * Why a step is not sent. Nothing is signed and nothing is lost: the message stands in the row's note, the workflow shows
 * it as an alarm, and the step is checked again at every block.
 */
export type RefusalType =
  | 'WalletOutOfGas'
  | 'FeeCapBelowBaseFee'
  | 'ConfirmationsTooDeep'
  | 'FinalProofMissing'
  | 'CommittedProofMissing'
  | 'VerifierSaysNo'
  | 'RevealWouldFail'
  | 'StepWouldRevert'
  | 'NeedsTooMuchGas';

export class RefusalError extends Error {
  override readonly name = 'RefusalError';
  constructor(
    readonly type: RefusalType,
    message: string,
  ) {
    super(message);
  }
}

function refusal(type: RefusalType, message: string): RefusalError {
  return new RefusalError(type, message);
}

function nameSequence({ firstBatch, lastBatch, rollup }: SequenceIdentity): string {
  return `sequence ${firstBatch}-${lastBatch} of rollup ${rollup}`;
}

export function walletOutOfGas(wallet: string, balanceWei: bigint, neededWei: bigint): RefusalError {
  return refusal(
    'WalletOutOfGas',
    `Wallet ${wallet} holds ${formatEther(balanceWei)} and the transaction may cost ${formatEther(neededWei)} in gas: ` +
      `send it at least ${formatEther(neededWei - balanceWei)} more`,
  );
}

export function feeCapTooLow(step: string, capWei: bigint, baseFeeWei: bigint): RefusalError {
  const setting = step === 'reveal' ? 'ZKPOW_REVEAL_FEE_CAP_GWEI' : 'ZKPOW_COMMIT_FEE_CAP_GWEI';
  return refusal(
    'FeeCapBelowBaseFee',
    `The next block may ask for ${formatUnits(baseFeeWei, 'gwei')} gwei a gas and the cap for a ${step} is ` +
      `${formatUnits(capWei, 'gwei')} gwei, of which a part is kept for cancelling it: ` +
      `wait for the fee to fall, or raise ${setting}`,
  );
}

/** @param why as `whyConfirmationsTooDeep` says it */
export function confirmationsTooDeep(why: string): RefusalError {
  return refusal('ConfirmationsTooDeep', why);
}

export function finalProofMissing(sequence: SequenceIdentity): RefusalError {
  return refusal('FinalProofMissing', `No final proof of ${nameSequence(sequence)} is stored: it has to be made first`);
}

export function committedProofMissing(sequence: SequenceIdentity, proofHash: string): RefusalError {
  return refusal(
    'CommittedProofMissing',
    `The proof behind proofHash ${proofHash} of ${nameSequence(sequence)} is in neither the database nor a file. ` +
      'Put the file back into the directory of final proofs; without it the commitment cannot be revealed',
  );
}

export function verifierSaysNo(sequence: SequenceIdentity, verifier: string, why: string): RefusalError {
  return refusal(
    'VerifierSaysNo',
    `The final proof of ${nameSequence(sequence)} is not committed to: ${why} (verifier ${verifier}). ` +
      `"npm run explain -- ${sequenceWorkflowId(sequence)}" shows what is known of it`,
  );
}

export function revealWouldFail(sequence: SequenceIdentity): RefusalError {
  return refusal(
    'RevealWouldFail',
    `The simulated reveal of ${nameSequence(sequence)} is not accepted, so it is not sent: a wrong reveal costs more ` +
      'than silence',
  );
}

/** @param reason the contract's error, with what mends it */
export function stepWouldRevert(step: string, sequence: SequenceIdentity, reason: string): RefusalError {
  return refusal('StepWouldRevert', `The ${step} of ${nameSequence(sequence)} would revert with ${reason}`);
}

/** @param why how much it needs, or the node's words */
export function needsTooMuchGas(step: string, sequence: SequenceIdentity, why: string, capGas: bigint): RefusalError {
  return refusal(
    'NeedsTooMuchGas',
    `The ${step} of ${nameSequence(sequence)} needs more gas than one transaction may have on this chain, ${capGas} ` +
      `(${why}): the chain's gas prices have changed`,
  );
}
