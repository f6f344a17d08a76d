import type { ProofRequest } from '../../../domain/prover-backend.js';
import { BadInputError } from '../../../domain/prover-errors.js';
import type { FinalPublicInputs, ProofAnswer } from './messages.js';
import { findMismatch, readRecursiveProof, type ProofClaims } from './recursive-proof.js';

/** An fflonk proof: 24 words of 32 bytes. */
export const FINAL_PROOF_BYTES = 24 * 32;

/** The bytes of a proof; or why it is not the one that was asked for, and whether only its prover can be at fault. */
export type ComputedBytes = { proof: Uint8Array } | { wrong: string; proversFault: boolean };

/** Reads a proof that a prover returned and holds what it says of itself against what it was asked for. */
export function readComputedProof(request: ProofRequest, answer: ProofAnswer, forkId: number): ComputedBytes {
  try {
    return request.kind === 'final' ? readFinal(request, answer, forkId) : readRecursive(request, answer, forkId);
  } catch (error) {
    if (error instanceof BadInputError) return wrong(error.message);
    throw error;
  }
}

function readRecursive({ kind, statement }: ProofRequest, answer: ProofAnswer, forkId: number): ComputedBytes {
  if (answer.recursiveProof === undefined) return wrong(`it is no ${kind} proof`);
  const proof = Buffer.from(answer.recursiveProof);
  const mismatch = findMismatch(readRecursiveProof(proof).claims, statement, forkId);
  if (!mismatch) return { proof };
  // A batch that leads to another state than expected may be our mistake: every honest prover would say the same.
  const isOutcome = mismatch.claim === 'newStateRoot' || mismatch.claim === 'newAccInputHash';
  return { wrong: mismatch.problem, proversFault: kind !== 'batch' || !isOutcome };
}

function readFinal(
  { statement, miner }: ProofRequest & { kind: 'final' },
  { finalProof }: ProofAnswer,
  forkId: number,
): ComputedBytes {
  const hex = finalProof?.proof ?? '';
  if (!/^0x[0-9a-fA-F]*$/.test(hex) || hex.length !== 2 + 2 * FINAL_PROOF_BYTES) {
    return wrong(`it is no final proof of ${FINAL_PROOF_BYTES} bytes (it has ${hex.length} characters)`);
  }
  if (!finalProof?.public) return wrong('it says nothing of its public inputs');
  const mismatch = findMismatch(claimsOf(finalProof.public), statement, forkId);
  if (mismatch) return wrong(mismatch.problem);
  const { aggregatorAddr } = finalProof.public.publicInputs;
  if (!isSameAddress(aggregatorAddr, miner)) return wrong(`it is bound to ${aggregatorAddr}, asked for was ${miner}`);
  return { proof: Buffer.from(hex.slice(2), 'hex') };
}

function wrong(problem: string): ComputedBytes {
  return { wrong: problem, proversFault: true };
}

function claimsOf({ publicInputs, ...made }: FinalPublicInputs): ProofClaims {
  return {
    firstBatch: Number(publicInputs.oldBatchNum) + 1,
    lastBatch: Number(made.newBatchNum),
    oldStateRoot: word(publicInputs.oldStateRoot),
    newStateRoot: word(made.newStateRoot),
    oldAccInputHash: word(publicInputs.oldAccInputHash),
    newAccInputHash: word(made.newAccInputHash),
    forkId: Number(publicInputs.forkId),
  };
}

/** Provers write addresses without the zeros that they begin with. */
function isSameAddress(told: string, miner: string): boolean {
  return /^(0x)?[0-9a-fA-F]{1,40}$/.test(told) && BigInt(`0x${told.replace(/^0x/, '')}`) === BigInt(miner);
}

function word(bytes: Uint8Array): `0x${string}` {
  return `0x${Buffer.from(bytes).toString('hex').padStart(64, '0')}`;
}
