import { createHash } from 'node:crypto';
import type { ProofKind } from '../../../domain/proof.js';
import type { ProofRequest, ProofToVerify, ProverBackend } from '../../../domain/prover-backend.js';
import { BadInputError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import { readComputedProof, FINAL_PROOF_BYTES } from './computed-proof.js';
import { generateRequest } from './proof-requests.js';
import type { ZkevmProverPool } from './prover-pool.js';
import { findMismatch, readRecursiveProof } from './recursive-proof.js';

/** The first fork whose provers speak the proto as it is here. */
const FIRST_FORK = 7;

export interface ZkevmProverBackendOptions {
  /** The provers that dialled in; an aggregator, which only checks, needs none. */
  pool?: ZkevmProverPool;
  /** Fork whose circuits the proofs are of. */
  forkId: number;
  /** Checks a proof itself, beyond the public values that it names. Without it nothing is accepted. */
  verifyProof?: (claim: ProofToVerify) => Promise<boolean>;
}

/**
 * Proves with provers of the Polygon zkEVM family that dial in. A batch or aggregated proof is their JSON text, a final
 * proof the 24 words of an fflonk proof. `docs/zkevm-prover.md` says what is needed around it.
 */
export function createZkevmProverBackend(options: ZkevmProverBackendOptions): ProverBackend {
  const { pool, forkId, verifyProof } = options;
  if (!Number.isSafeInteger(forkId) || forkId < FIRST_FORK) {
    throw new Error(`Fork ${forkId} is not supported: provers before fork ${FIRST_FORK} speak another protocol`);
  }
  return {
    proofSystem: 'zkevm-prover',
    circuitId: (kind) => zkevmCircuitId(kind, forkId),

    async prove(request, context) {
      if (!pool) throw new ProverUnavailableError('No prover dials in here: run "npm run worker -- gateway"');
      requireFittingChildren(request, forkId);
      const { answer, proverId, proverName } = await pool.compute(generateRequest(request, forkId), context);
      const name = `prover ${proverName} (${proverId})`;
      const made = readComputedProof(request, answer, forkId);
      if ('wrong' in made) {
        if (made.proversFault) pool.setAside(proverId, made.wrong);
        else pool.countFailure(proverId);
        throw new ProverUnavailableError(
          `The ${request.kind} proof of ${name} is not the one asked for: ${made.wrong}`,
        );
      }
      context.progress('check');
      // The aggregator would set the whole gateway aside for it, not the one prover that made it.
      if (verifyProof && !(await verifyProof(claimOf(request, made.proof)))) {
        const { firstBatch, lastBatch } = request.statement;
        const reason = `its ${request.kind} proof of batches ${firstBatch} to ${lastBatch} does not verify`;
        pool.setAside(proverId, reason);
        throw new ProverUnavailableError(`The ${name} was set aside: ${reason}`);
      }
      return made.proof;
    },

    async verify(claim) {
      if ((claim.kind === 'final') !== (claim.miner !== undefined)) return false;
      if (!hasRightForm(claim, forkId)) return false;
      if (verifyProof) return verifyProof(claim);
      throw new Error(
        'Nothing here checks proofs of the zkEVM family, and nothing unchecked is accepted: name a verifier',
      );
    },

    close: () => {
      pool?.close();
      return Promise.resolve();
    },
  };
}

/** @throws BadInputError if a proof that is to be folded is of something else: it would take hours to find out */
function requireFittingChildren(request: ProofRequest, forkId: number): void {
  if (request.kind === 'batch') return;
  for (const child of request.kind === 'aggregate' ? [request.left, request.right] : [request.child]) {
    const mismatch = findMismatch(readRecursiveProof(child.proof).claims, child.statement, forkId);
    if (mismatch === null) continue;
    throw new BadInputError(`The ${child.kind} proof that is to be folded is of something else: ${mismatch.problem}`);
  }
}

function hasRightForm({ kind, statement, proof }: ProofToVerify, forkId: number): boolean {
  if (kind === 'final') return proof.length === FINAL_PROOF_BYTES;
  try {
    return findMismatch(readRecursiveProof(proof).claims, statement, forkId) === null;
  } catch (error) {
    if (error instanceof BadInputError) return false;
    throw error;
  }
}

function claimOf(request: ProofRequest, proof: Uint8Array): ProofToVerify {
  const { kind, statement } = request;
  return kind === 'final' ? { kind, statement, miner: request.miner, proof } : { kind, statement, proof };
}

/** The circuits of a fork are its provers' own; they have no name but the fork's number. */
export function zkevmCircuitId(kind: ProofKind, forkId: number): string {
  return `0x${createHash('sha256').update(`zkpow zkevm-prover fork ${forkId} ${kind}`).digest('hex')}`;
}
