import { getBytes, hexlify } from 'ethers';
import { ZERO_HASH } from '../chain/rollup-directory.js';
import { ROLLUP } from '../chain/rollup-facts.js';
import type { StoredFinalProof } from './ports.js';
import type { Transaction } from './transactions.js';

/** What a transaction calls, and the gas it gets. */
export interface StepCall {
  to: string;
  data: string;
  gasLimit: bigint;
  /** The most that it may cost, in wei a gas, by its own worth; absent where only the settings' cap applies. */
  feeCapWei?: bigint;
}

/** A call whose gas limit is still to be made, from an estimate by the chain's own prices. */
export interface StepCallToLimit {
  to: string;
  data: string;
  /** At least this much: what an estimate of a case that costs less may turn into. */
  leastGas: bigint;
  /** Added for what may have to be done besides by then. */
  roomGas: bigint;
}

/** A reveal: what its verifier needs at least is fixed, what the rest takes is found by simulation. */
export interface RevealCall {
  to: string;
  data: string;
  /** Transaction, calldata and verifier. */
  fixedGas: bigint;
}

/** What a commitment is bound to: as the referee has looked at it. */
export interface CommitTerms {
  termsVersion: number;
  /** Of the stake: its weight, and the most it can lose. */
  reserveWei: string;
}

const LEAST_COMMIT_GAS = 500_000n;
/** What passing over one open commitment of ours takes, where a reserve is looked for that can be given back. */
const GAS_PER_OPEN_COMMITMENT = 13_000n;
/** What giving one back takes, or passing over one that has failed. */
const GAS_PER_ENDED_COMMITMENT = 50_000n;
const LEAST_SETTLE_GAS = 400_000n;
const LEAST_TAKE_BACK_GAS = 400_000n;
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

export function commitCall(
  { sequence }: Transaction,
  proofHash: string,
  { termsVersion, reserveWei }: CommitTerms,
  listed: ListedCommitments,
): StepCallToLimit {
  const { rollup, firstBatch, lastBatch, accInputHash } = sequence;
  const args = [firstBatch - 1, lastBatch, proofHash, accInputHash, termsVersion, BigInt(reserveWei)];
  const data = ROLLUP.encodeFunctionData('submitProofHash', args);
  const looking = BigInt(listed.open) * GAS_PER_OPEN_COMMITMENT + BigInt(listed.ended) * GAS_PER_ENDED_COMMITMENT;
  return { to: rollup, data, leastGas: LEAST_COMMIT_GAS, roomGas: looking };
}

/** @param verificationGas what the type rule needs at least */
export function revealCall(
  { sequence }: Transaction,
  { proof, statement }: StoredFinalProof,
  verificationGas: bigint,
): RevealCall {
  const { rollup, firstBatch, lastBatch } = sequence;
  const data = ROLLUP.encodeFunctionData('verifyBatches', [
    firstBatch - 1,
    lastBatch,
    // Rollups of this type have no exit root.
    ZERO_HASH,
    statement.newStateRoot,
    hexlify(proof),
  ]);
  return { to: rollup, data, fixedGas: fixedRevealGas(verificationGas, getBytes(data).length) };
}

function fixedRevealGas(verificationGas: bigint, calldataBytes: number): bigint {
  // A call is given at most 63/64 of what is left (EIP-150).
  const verifier = (verificationGas * 64n) / 63n + 1n;
  return TRANSACTION_GAS + BigInt(calldataBytes) * CALLDATA_BYTE_GAS + verifier;
}

export function settleCall({ sequence, round }: Transaction, miner: string): StepCallToLimit {
  const data = ROLLUP.encodeFunctionData('settle', [miner, sequence.lastBatch, round]);
  return { to: sequence.rollup, data, leastGas: LEAST_SETTLE_GAS, roomGas: 0n };
}

export function takeBackCall({ sequence }: Transaction): StepCallToLimit {
  const data = ROLLUP.encodeFunctionData('takeBackProofHash', [sequence.lastBatch]);
  return { to: sequence.rollup, data, leastGas: LEAST_TAKE_BACK_GAS, roomGas: 0n };
}
