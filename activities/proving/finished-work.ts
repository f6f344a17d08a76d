import type { AcceptedProof, ProofTask } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { artifactIsSound } from '../storage/artifacts.js';
import { ArtifactLostError, type ArtifactStore } from '../storage/artifact-store.js';
import type { Database } from '../storage/database.js';
import { forgetTaskProof, selectBatchTasks, type ProofTaskRow } from '../storage/proof-tasks.js';
import type { PlannedProof } from '../../domain/proof-generator-activities.js';
import { decodeTask } from './task-description.js';

/** The sequence's batch tasks without a replay, if all were planned before and are done or have their inputs still. */
export async function findPlannedBatches(
  db: Database,
  artifacts: ArtifactStore,
  sequence: SequenceIdentity,
  circuitId: string,
): Promise<PlannedProof[] | null> {
  const rows = linkBackwards(await selectBatchTasks(db, sequence, circuitId), sequence);
  const planned: PlannedProof[] = [];
  for (const row of rows ?? []) {
    const accepted = await proofStillThere(db, row);
    if (!accepted && !(await inputStillThere(db, artifacts, row))) return null;
    planned.push({ task: taskPartOf(row), accepted });
  }
  return rows && planned;
}

/** The accepted proof of a task; forgotten where its bytes are lost and it can be made again. */
export async function proofStillThere(db: Database, { accepted, taskId }: ProofTaskRow): Promise<AcceptedProof | null> {
  if (!accepted || (await artifactIsSound(db, accepted.proofDigest))) return accepted;
  await forgetTaskProof(db, taskId, accepted.proofDigest);
  return null;
}

async function inputStillThere(
  db: Database,
  artifacts: ArtifactStore,
  { inputDigest }: ProofTaskRow,
): Promise<boolean> {
  try {
    const description = decodeTask(await artifacts.get(inputDigest));
    return description.kind === 'batch' && (await artifactIsSound(db, description.input));
  } catch (error) {
    if (error instanceof ArtifactLostError) return false;
    throw error;
  }
}

/** Of all tasks known for these batch numbers, those whose data chains up to the sequence's accumulated input hash. */
function linkBackwards(
  rows: ProofTaskRow[],
  { firstBatch, lastBatch, accInputHash }: SequenceIdentity,
): ProofTaskRow[] | null {
  const linked: ProofTaskRow[] = [];
  let wanted = accInputHash;
  for (let batch = lastBatch; batch >= firstBatch; batch--) {
    const row = rows.find(({ statement }) => statement.lastBatch === batch && statement.newAccInputHash === wanted);
    if (!row) return null;
    linked.unshift(row);
    wanted = row.statement.oldAccInputHash;
  }
  return linked;
}

function taskPartOf({ taskId, kind, rollupType, firstBatch, lastBatch, inputDigest }: ProofTaskRow): ProofTask {
  return { taskId, kind, rollupType, firstBatch, lastBatch, inputDigest };
}
