import { createHash, randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProofKind, Statement } from '../../../domain/proof.js';
import type {
  ChildProof,
  ProofRequest,
  ProofToVerify,
  ProverBackend,
  ProvingContext,
} from '../../../domain/prover-backend.js';
import { BadInputError } from '../../../domain/prover-errors.js';
import { simulatedSeconds, type SimulatedTimes } from './simulated-seconds.js';

export interface SimulatedBackendOptions extends SimulatedTimes {
  /** Also makes the proofs the same in every run; without it each proof is another, as real final proofs are. */
  seed?: string;
  /** Spoils a request: throws the error at the end of its time, or hands out a proof that does not verify. */
  fault?: (request: ProofRequest) => Error | 'wrong proof' | undefined;
}

const PROGRESS_STEPS = 10;
const SALT_BYTES = 32;
/** What the circuit ids are hashes of; the final one is that of the contract. */
const CIRCUITS: Record<ProofKind, string> = {
  batch: 'zkpow simulated batch proof',
  aggregate: 'zkpow simulated aggregate proof',
  final: 'zkpow simulated proof',
};

/**
 * A prover without proofs, for tests and for load on everything else: a "proof" is a salted hash of the statement, which
 * anybody can make. The contract that accepts them, `SimulatedRule`, can only be deployed on local chains.
 */
export function createSimulatedBackend(options: SimulatedBackendOptions = {}): ProverBackend {
  let made = 0;
  function salt(): Buffer {
    made += 1;
    return options.seed === undefined ? randomBytes(SALT_BYTES) : sha256(Buffer.from(`${options.seed}/${made}`));
  }
  return {
    proofSystem: 'simulated',
    circuitId: (kind) => `0x${sha256(Buffer.from(CIRCUITS[kind])).toString('hex')}`,
    async prove(request, context) {
      checkRequest(request);
      await work(simulatedSeconds(options, request.kind, request.statement), context);
      const fault = options.fault?.(request);
      if (fault instanceof Error) throw fault;
      const proof = simulatedProof(salt(), request.statement, request.kind === 'final' ? request.miner : undefined);
      if (fault === 'wrong proof') proof.reverse();
      return proof;
    },
    verify: (claim) => Promise.resolve(verifySimulated(claim)),
    close: () => Promise.resolve(),
  };
}

function verifySimulated({ kind, statement, miner, proof }: ProofToVerify): boolean {
  if (proof.length !== 2 * SALT_BYTES || (kind === 'final') !== (miner !== undefined)) return false;
  return simulatedProof(Buffer.from(proof.subarray(0, SALT_BYTES)), statement, miner).equals(proof);
}

/** As the contract `SimulatedRule` computes it; the salt has 32 bytes, and only a final proof has a miner. */
export function simulatedProof(salt: Buffer, statement: Statement, miner: string | undefined): Buffer {
  return Buffer.concat([salt, sha256(Buffer.from('zkpow simulated proof'), salt, statementDigest(statement, miner))]);
}

/** Ten words of 32 bytes; the exit root is zero, and so is the miner of a proof that is not final. */
function statementDigest(statement: Statement, miner: string | undefined): Buffer {
  return sha256(
    word(statement.chainId),
    word(statement.rollup),
    word(statement.firstBatch),
    word(statement.lastBatch),
    word(statement.oldStateRoot),
    word(statement.newStateRoot),
    word(statement.oldAccInputHash),
    word(statement.newAccInputHash),
    word(0),
    word(miner ?? 0),
  );
}

function word(value: string | number): Buffer {
  return Buffer.from(BigInt(value).toString(16).padStart(64, '0'), 'hex');
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Passes the time that a prover would need. */
async function work(seconds: number, context: ProvingContext): Promise<void> {
  const begun = performance.now();
  for (let step = 0; step < PROGRESS_STEPS; step++) {
    context.progress('proof', step / PROGRESS_STEPS);
    // Counted from the beginning: ten sleeps that each last a little too long do not add up.
    const stepEnd = begun + (seconds * 1000 * (step + 1)) / PROGRESS_STEPS;
    await sleep(Math.max(0, stepEnd - performance.now()), undefined, { signal: context.signal });
  }
}

/** Refuses what the circuits of a real prover refuse. */
function checkRequest(request: ProofRequest): void {
  const { kind, statement } = request;
  if (kind === 'batch' && statement.firstBatch !== statement.lastBatch) {
    throw new BadInputError(`Batches ${statement.firstBatch} to ${statement.lastBatch} are not one batch`);
  }
  if (kind === 'final') {
    checkChild(request.child);
    checkSame(request.child.statement, statement);
  }
  if (kind === 'aggregate') {
    checkChild(request.left);
    checkChild(request.right);
    checkSame(join(request.left.statement, request.right.statement), statement);
  }
}

function checkChild(child: ChildProof): void {
  if (verifySimulated(child)) return;
  const { firstBatch, lastBatch } = child.statement;
  throw new BadInputError(`The ${child.kind} proof of batches ${firstBatch} to ${lastBatch} does not verify`);
}

/** What two statements say together. */
function join(left: Statement, right: Statement): Statement {
  checkSame(right, {
    ...right,
    chainId: left.chainId,
    rollup: left.rollup,
    firstBatch: left.lastBatch + 1,
    oldStateRoot: left.newStateRoot,
    oldAccInputHash: left.newAccInputHash,
  });
  return {
    ...left,
    lastBatch: right.lastBatch,
    newStateRoot: right.newStateRoot,
    newAccInputHash: right.newAccInputHash,
  };
}

function checkSame(actual: Statement, expected: Statement): void {
  if (statementDigest(actual, undefined).equals(statementDigest(expected, undefined))) return;
  throw new BadInputError(
    `Proofs do not fit: expected ${JSON.stringify(expected)}, the proof to be folded says ${JSON.stringify(actual)}`,
  );
}
