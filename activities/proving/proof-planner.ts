import type { AcceptedProof } from '../../domain/proof.js';
import type { RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import type { ProverBackend } from '../../domain/prover-backend.js';
import { artifactIsSound } from '../storage/artifacts.js';
import { ArtifactLostError, type ArtifactStore } from '../storage/artifact-store.js';
import type { Database } from '../storage/database.js';
import { forgetTaskProof, insertProofTask, selectProofTask } from '../storage/proof-tasks.js';
import type { BatchReplays } from './batch-replays.js';
import { findPlannedBatches, proofStillThere } from './finished-work.js';
import type { PlannedProof } from '../../domain/proof-generator-activities.js';
import type { ProvingRules, RollupDataSource } from './rollup-data.js';
import { foldStatements, InconsistentTaskError } from './statements.js';
import { encodeTask, taskOf, type ChildProofReference, type TaskDescription } from './task-description.js';

export interface PlannerDeps {
  db: Database;
  artifacts: ArtifactStore;
  source: RollupDataSource;
  replays: BatchReplays;
  /** The backend of a proof system. @throws Error naming the systems this worker has */
  findBackend: (proofSystem: string) => ProverBackend;
}

/** Turns posted batches and finished proofs into tasks; work that was finished before is found. */
export interface ProofPlanner {
  planBatches(sequence: SequenceIdentity): Promise<PlannedProof[]>;
  planAggregate(left: AcceptedProof, right: AcceptedProof): Promise<PlannedProof>;
  /** Rollup type, proof system and backend that prove a rollup. */
  rulesOf(rollup: RollupRef): Promise<ProvingRules & { backend: ProverBackend }>;
  /** The accepted proof of a batch or of a fold as the next task refers to it. @throws ArtifactLostError */
  childOf(proof: AcceptedProof): Promise<ChildProofReference>;
  /** Stores a task's description and its row; finds its proof if it was made before and is not lost. */
  record(description: TaskDescription): Promise<PlannedProof>;
}

export function createProofPlanner({ db, artifacts, source, replays, findBackend }: PlannerDeps): ProofPlanner {
  async function rulesOf(rollup: RollupRef): Promise<ProvingRules & { backend: ProverBackend }> {
    const rules = await source.describe(rollup);
    return { ...rules, backend: findBackend(rules.proofSystem) };
  }

  async function record(description: TaskDescription): Promise<PlannedProof> {
    const task = taskOf(description);
    await artifacts.put(encodeTask(description));
    const { circuitId, statement } = description;
    const miner = description.kind === 'final' ? description.miner : null;
    const batchInput = description.kind === 'batch' ? description.input : null;
    await insertProofTask(db, { ...task, circuitId, statement, miner }, batchInput);
    const row = await selectProofTask(db, task.taskId);
    return { task, accepted: row && (await proofStillThere(db, row)) };
  }

  async function childOf({ taskId, proofDigest }: AcceptedProof): Promise<ChildProofReference> {
    const row = await selectProofTask(db, taskId);
    if (!row || row.kind === 'final') {
      throw new InconsistentTaskError(`Task ${taskId} is no batch or aggregate task of this database`);
    }
    if (!(await artifactIsSound(db, proofDigest))) {
      await forgetTaskProof(db, taskId, proofDigest);
      throw new ArtifactLostError(
        proofDigest,
        `(${row.kind} proof ${row.firstBatch}-${row.lastBatch}) is lost or damaged`,
      );
    }
    return { kind: row.kind, statement: row.statement, proof: proofDigest };
  }

  return {
    rulesOf,
    record,
    childOf,

    async planBatches(sequence) {
      const { backend, rollupType } = await rulesOf(sequence);
      const circuitId = backend.circuitId('batch');
      const known = await findPlannedBatches(db, artifacts, sequence, circuitId);
      if (known) return known;

      const planned: PlannedProof[] = [];
      for (const { statement, input } of await replays.workOf(sequence)) {
        planned.push(
          await record({ kind: 'batch', rollupType, circuitId, statement, input: await artifacts.put(input) }),
        );
      }
      return planned;
    },

    async planAggregate(leftProof, rightProof) {
      const [left, right] = [await childOf(leftProof), await childOf(rightProof)];
      const statement = foldStatements(left.statement, right.statement);
      const { backend, rollupType } = await rulesOf(statement);
      const circuitId = backend.circuitId('aggregate');
      return record({ kind: 'aggregate', rollupType, circuitId, statement, left, right });
    },
  };
}
