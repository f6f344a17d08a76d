import { getBytes, hexlify } from 'ethers';
import { ROLLUP } from '../chain/rollup-facts.js';
import type { StoredFinalProof } from './ports.js';
import type { Transaction } from './transactions.js';

/** What a transaction calls, and the gas it gets. */
export interface StepCall {
  to: string;
  data: string;
  gasLimit: bigint;
}

// Fixed limits: the calls' cost hardly varies, and an estimate made in one block may be too low in the next.
const COMMIT_GAS = 500_000n;
/** What passing over one open commitment of ours takes, where a reserve is looked for that can be given back. */
const GAS_PER_OPEN_COMMITMENT = 13_000n;
/** What giving one back takes, or passing over one that has failed. */
const GAS_PER_ENDED_COMMITMENT = 50_000n;
const SETTLE_GAS = 400_000n;
const TAKE_BACK_GAS = 400_000n;
/** A transfer of nothing. */
export const NO_OP_GAS = 21_000n;

/** What a reveal costs besides its verifier and its calldata: storage of a first acceptance, with room to spare. */
const REVEAL_OVERHEAD_GAS = 700_000n;
const TRANSACTION_GAS = 21_000n;
/** The floor price of calldata a byte that is not zero (EIP-7623); more than it costs elsewhere. */
const CALLDATA_BYTE_GAS = 40n;

/** The miner's commitments that the contract may have to look through. */
export interface ListedCommitments {
  /** Their rounds have not ended. */
  open: number;
  /** Their rounds have ended, and they still hold their reserves. */
  ended: number;
}

export function commitCall({ sequence }: Transaction, proofHash: string, listed: ListedCommitments): StepCall {
  const { rollup, firstBatch, lastBatch } = sequence;
  const data = ROLLUP.encodeFunctionData('submitProofHash', [firstBatch - 1, lastBatch, proofHash]);
  const looking = BigInt(listed.open) * GAS_PER_OPEN_COMMITMENT + BigInt(listed.ended) * GAS_PER_ENDED_COMMITMENT;
  return { to: rollup, data, gasLimit: COMMIT_GAS + looking };
}

/** @param verifierGas what the contract holds ready for its verifier */
export function revealCall(
  { sequence }: Transaction,
  { proof, statement }: StoredFinalProof,
  verifierGas: bigint,
): StepCall {
  const { rollup, firstBatch, lastBatch } = sequence;
  const data = ROLLUP.encodeFunctionData('verifyBatches', [
    firstBatch - 1,
    lastBatch,
    // The published system's exit root, which must be 0 here.
    `0x${'00'.repeat(32)}`,
    statement.newStateRoot,
    hexlify(proof),
  ]);
  return { to: rollup, data, gasLimit: revealGasLimit(verifierGas, getBytes(data).length) };
}

/**
 * The gas limit of a reveal: fixed by what the contract demands, never estimated. A search for the smallest limit that
 * does not revert finds the path on which the proof is refused.
 */
export function revealGasLimit(verifierGas: bigint, calldataBytes: number): bigint {
  // A call is given at most 63/64 of what is left (EIP-150).
  const verifier = (verifierGas * 64n) / 63n + 1n;
  return TRANSACTION_GAS + BigInt(calldataBytes) * CALLDATA_BYTE_GAS + verifier + REVEAL_OVERHEAD_GAS;
}

export function settleCall({ sequence, round }: Transaction, miner: string): StepCall {
  const data = ROLLUP.encodeFunctionData('settle', [miner, sequence.lastBatch, round]);
  return { to: sequence.rollup, data, gasLimit: SETTLE_GAS };
}

export function takeBackCall({ sequence }: Transaction): StepCall {
  const data = ROLLUP.encodeFunctionData('takeBackProofHash', [sequence.lastBatch]);
  return { to: sequence.rollup, data, gasLimit: TAKE_BACK_GAS };
}
