import type pg from 'pg';
import { createProofGeneratorActivities } from '../../activities/proving/create-proof-generator-activities.js';
import type { ProofGeneratorActivities } from '../../domain/proof-generator-activities.js';
import { createArtifactStore } from '../../activities/storage/artifact-store.js';
import type { FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import { benchRollupData, benchRollupType } from './bench-rollup.js';

/** The product's planning, checking and storing of proofs, on data that is made up. */
export function createBenchGenerator(
  pool: pg.Pool,
  finals: FinalProofStore,
  inputBytes: number,
): ProofGeneratorActivities {
  const type = benchRollupType(inputBytes);
  const backend = createSimulatedBackend();
  return createProofGeneratorActivities({
    ...{ pool, finals, artifacts: createArtifactStore(pool), source: benchRollupData },
    ...{ findRollupType: () => type, findBackend: () => backend },
  });
}
