import { log } from '@temporalio/activity';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { ProofToVerify, ProverBackend } from '../../domain/prover-backend.js';
import { ArtifactLostError, type ArtifactStore } from '../storage/artifact-store.js';
import type { Database } from '../storage/database.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import { acceptTaskProof, selectProofTask, type ProofTaskRow } from '../storage/proof-tasks.js';
import { refuseSubmittedProof, selectSubmittedProof, setProverAside } from '../storage/provers.js';
import { proofStillThere } from './finished-work.js';
import type { ProofVerdict, ProvenTask } from '../../domain/proof-generator-activities.js';
import { proofHashOf } from './proof-hash.js';
import type { ProofPlanner } from './proof-planner.js';
import { InconsistentTaskError, requireWholeSequence } from './statements.js';

/** Longest time a check may take: a verifier that hangs is tried again elsewhere. */
const VERIFY_TIMEOUT_MS = 300_000;

export interface AcceptanceDeps {
  db: Database;
  artifacts: ArtifactStore;
  finals: FinalProofStore;
  planner: ProofPlanner;
}

/** The verifier gave no answer in time. */
export class VerifierTimeoutError extends Error {
  override readonly name = 'VerifierTimeoutError';
}

/**
 * Checks what a prover returned and takes it for the task. Nothing in `proven` is believed: the bytes are read from the
 * store, the machine's name from its database role, the statement from the task's own row.
 */
export async function acceptOrRefuse(
  deps: AcceptanceDeps,
  sequence: SequenceIdentity,
  proven: ProvenTask,
): Promise<ProofVerdict> {
  const { db, artifacts } = deps;
  const { taskId, proofDigest } = proven;
  const task = await selectProofTask(db, taskId);
  if (!task) throw new InconsistentTaskError(`Task ${taskId} was not planned in this database`);
  if (task.kind === 'final') requireWholeSequence(task.statement, sequence);
  const before = await proofStillThere(db, task);
  if (before) {
    await storeIfFinal(deps, sequence, task, before);
    return { accepted: before };
  }

  const submitted = await selectSubmittedProof(db, taskId, proofDigest);
  if (!submitted) {
    // Whoever said so named a proof that no machine handed in; whose fault it is cannot be known.
    return refusal(proven.prover, `no machine handed in proof ${proofDigest} of task ${taskId}`);
  }
  const proof = await readProof(artifacts, proofDigest);
  if (!proof) return refusal(submitted.prover, `proof ${proofDigest} is lost`);

  const { backend } = await deps.planner.rulesOf(task.statement);
  const isGood = await verifyInTime(backend, {
    kind: task.kind,
    statement: task.statement,
    proof,
    ...(task.miner === null ? {} : { miner: task.miner }),
  });
  if (!isGood) {
    const reason = `its ${task.kind} proof of batches ${task.firstBatch}-${task.lastBatch} does not verify (task ${taskId})`;
    await refuseSubmittedProof(db, taskId, proofDigest, reason);
    await setProverAside(db, submitted.prover, reason);
    log.warn(`Prover ${submitted.prover} is set aside: ${reason}`, { taskId, prover: submitted.prover });
    return refusal(submitted.prover, reason);
  }
  await storeIfFinal(deps, sequence, task, { proofDigest, seconds: submitted.seconds });
  return { accepted: await acceptTaskProof(db, { taskId, proofDigest, ...submitted }) };
}

function refusal(prover: string, reason: string): ProofVerdict {
  return { accepted: null, reason, prover };
}

/** A final proof is durable in the database and in its file before it counts. */
async function storeIfFinal(
  { artifacts, finals }: AcceptanceDeps,
  { chainId, rollup, firstBatch, lastBatch, accInputHash }: SequenceIdentity,
  { taskId, miner, statement }: ProofTaskRow,
  { proofDigest, seconds }: { proofDigest: string; seconds: number },
): Promise<void> {
  if (miner === null) return;
  const proof = await artifacts.get(proofDigest);
  const proofHash = proofHashOf(proof, miner);
  const sequence = { chainId, rollup, firstBatch, lastBatch, accInputHash };
  await finals.add({ proofDigest, taskId, sequence, miner, statement, proofHash, seconds, proof });
}

async function readProof(artifacts: ArtifactStore, proofDigest: string): Promise<Uint8Array | null> {
  try {
    return await artifacts.get(proofDigest);
  } catch (error) {
    if (error instanceof ArtifactLostError) return null;
    throw error;
  }
}

async function verifyInTime(backend: ProverBackend, claim: ProofToVerify): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new VerifierTimeoutError(`Checking a ${claim.kind} proof took more than ${VERIFY_TIMEOUT_MS} ms`));
    }, VERIFY_TIMEOUT_MS);
  });
  try {
    return await Promise.race([backend.verify(claim), late]);
  } finally {
    clearTimeout(timer);
  }
}
