import type pg from 'pg';
import type { ProverBackend } from '../../domain/prover-backend.js';
import { mappingFailures } from '../failures.js';
import { withHeartbeat } from '../heartbeat.js';
import type { ArtifactStore } from '../storage/artifact-store.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import { createBatchReplays } from './batch-replays.js';
import { planFinal } from './final-planner.js';
import { acceptOrRefuse } from './proof-acceptance.js';
import type { ProofGeneratorActivities } from '../../domain/proof-generator-activities.js';
import { createProofPlanner } from './proof-planner.js';
import type { RollupDataSource } from './rollup-data.js';
import type { RollupType } from '../../domain/rollup-type.js';

export interface ProofGeneratorDeps {
  pool: pg.Pool;
  artifacts: ArtifactStore;
  finals: FinalProofStore;
  /** Posted data of rollups, from the base chain. */
  source: RollupDataSource;
  findRollupType: (name: string) => RollupType;
  /** The backend of a proof system, to check proofs with. @throws Error naming the systems there are */
  findBackend: (proofSystem: string) => ProverBackend;
}

/** The Proof Generator's activities, for the aggregator. */
export function createProofGeneratorActivities(deps: ProofGeneratorDeps): ProofGeneratorActivities {
  const { pool: db, artifacts, finals, source, findBackend } = deps;
  const replays = createBatchReplays(source, deps.findRollupType);
  const planner = createProofPlanner({ db, artifacts, source, replays, findBackend });

  return {
    planBatchProofs: mappingFailures((sequence) =>
      withHeartbeat(
        () => ({ stage: `replaying batches ${sequence.firstBatch}-${sequence.lastBatch}` }),
        () => planner.planBatches(sequence),
      ),
    ),
    planAggregateProof: mappingFailures(({ left, right }) => planner.planAggregate(left, right)),
    planFinalProof: mappingFailures((request) => planFinal(planner, finals, request)),
    acceptProof: mappingFailures(({ sequence, proven }) =>
      withHeartbeat(
        () => ({ stage: 'checking the proof' }),
        () => acceptOrRefuse({ db, artifacts, finals, planner }, sequence, proven),
      ),
    ),
  };
}
