import type { Scenario } from '../scenario.js';
import { artifactDeleted } from './artifact-deleted.js';
import { hungProver } from './hung-prover.js';
import { lyingProver } from './lying-prover.js';
import { outOfMemory } from './out-of-memory.js';
import { poisonBatch } from './poison-batch.js';
import { proversKilled } from './provers-killed.js';
import { serversKilled } from './servers-killed.js';
import { slowProver } from './slow-prover.js';

/** Faults of mining machines and of the servers that they work for. */
export const FLEET_SCENARIOS: readonly Scenario[] = [
  proversKilled,
  hungProver,
  lyingProver,
  slowProver,
  outOfMemory,
  artifactDeleted,
  poisonBatch,
  serversKilled,
];
