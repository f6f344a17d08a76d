import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { createProofGeneratorActivities } from '../../activities/proving/create-proof-generator-activities.js';
import { createProverActivities } from '../../activities/proving/create-prover-activities.js';
import type { ProofSlots } from '../../activities/proving/proof-slots.js';
import type {
  PlannedProof,
  ProofGeneratorActivities,
  ProverActivities,
} from '../../domain/proof-generator-activities.js';
import type { RollupDataSource } from '../../activities/proving/rollup-data.js';
import { createArtifactStore } from '../../activities/storage/artifact-store.js';
import { createPool } from '../../activities/storage/database.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import type { ProofRequest, ProverBackend } from '../../domain/prover-backend.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import type { AcceptedProof, ProofTask } from '../../domain/proof.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import { counterType } from '../rollup-types/counter-type.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { SAMPLE_MINER, word32 } from '../support/proof-samples.js';
import { runActivity } from '../support/test-chain.js';

/** A simulated prover that takes no time. */
export const QUICK = { secondsByKind: { batch: 0, aggregate: 0, final: 0 } };

const POSTED: Hex[] = ['0x01', '0x0202', '0x'];
const BATCHES = numberBatches(
  POSTED.map((transactions) => ({ transactions, globalExitRoot: word32(0), timestamp: 1, l2Coinbase: SAMPLE_MINER })),
  { firstBatch: 1, previousAccInputHash: word32(0), accumulate: counterType.accumulate },
);
/** State root after the three batches: 10 at first, and every posted byte added to it. */
export const LAST_STATE_ROOT = word32(15);

/** A mining machine: its activity, why it takes no more tasks, and which proofs its backend was asked for. */
export type TestProver = ProverActivities & { unfit: string[]; asked: ProofRequest['kind'][] };

/** One aggregator over a real database, for the tests of a file. */
export interface ProvingScene {
  database: TestDatabase;
  /** Where final proofs lie in files. */
  directory: string;
  finals: FinalProofStore;
  generator: ProofGeneratorActivities;
  /** A mining machine with a login role of its own. */
  addProver(name: string, backend?: ProverBackend): Promise<TestProver>;
  close(): Promise<void>;
}

export async function openProvingScene(): Promise<ProvingScene> {
  const database = await openTestDatabase();
  const directory = await mkdtemp(join(tmpdir(), 'zkpow-finals-'));
  const finals = createFinalProofStore(database.pool, directory);
  const backend = createSimulatedBackend(QUICK);
  const pools: pg.Pool[] = [];
  const source: RollupDataSource = {
    describe: async () => ({ rollupType: 'counter', proofSystem: 'simulated' }),
    genesis: async () => ({ stateRoot: word32(10), accInputHash: word32(0), data: '0x' }),
    async *postedBatches(_sequence, firstBatch) {
      yield* BATCHES.slice(firstBatch - 1);
    },
  };
  const generator = createProofGeneratorActivities({
    ...{ pool: database.pool, artifacts: createArtifactStore(database.pool), finals, source },
    ...{ findRollupType: () => counterType, findBackend: () => backend },
  });
  return {
    ...{ database, directory, finals, generator },
    async addProver(name, own = createSimulatedBackend(QUICK)) {
      const login = await grantProver(database.pool, name);
      const pool = createPool(proverDatabaseUrl(database.url, login), 2);
      pools.push(pool);
      return testProver(name, pool, own);
    },
    async close() {
      for (const pool of pools) await pool.end();
      await database.close();
      await rm(directory, { recursive: true });
    },
  };
}

/** Slots of a machine that is asked for no more than it can prove at once. */
const ONE_SLOT_A_TASK: ProofSlots = {
  claim: () => ({
    prove: (signal, work) => work({ slot: 1, signal, progress: () => {} }),
    leave: () => {},
  }),
};

function testProver(name: string, pool: pg.Pool, backend: ProverBackend): TestProver {
  const unfit: string[] = [];
  const asked: ProofRequest['kind'][] = [];
  const watched: ProverBackend = {
    ...backend,
    prove(request, context) {
      asked.push(request.kind);
      return backend.prove(request, context);
    },
  };
  const store = createProverStore(pool);
  const onUnfit = (reason: string) => void unfit.push(reason);
  return {
    ...createProverActivities({ name, store, backend: watched, slots: ONE_SLOT_A_TASK, onUnfit }),
    unfit,
    asked,
  };
}

let rollups = 0;

/** A sequence of three batches, of a rollup that no other test knows. */
export function newSequence(): SequenceIdentity {
  rollups += 1;
  const rollup = `0x${rollups.toString(16).padStart(40, '0')}`;
  const accInputHash = BATCHES.at(-1)?.accInputHash ?? word32(0);
  return { chainId: 31337, rollup, firstBatch: 1, lastBatch: 3, accInputHash };
}

/** Has a task proved and the proof taken, as a workflow does. */
export async function proveAndAccept(
  { generator }: ProvingScene,
  sequence: SequenceIdentity,
  prover: ProverActivities,
  { task, accepted }: PlannedProof,
): Promise<AcceptedProof> {
  if (accepted) return accepted;
  const proven = await runActivity(() => prover.prove(task));
  const verdict = await runActivity(() => generator.acceptProof({ sequence, task, proven }));
  if (!verdict.accepted) throw new Error(verdict.reason);
  return verdict.accepted;
}

/** Proves a whole sequence, batch by batch. */
export async function proveSequence(
  scene: ProvingScene,
  sequence: SequenceIdentity,
  prover: ProverActivities,
): Promise<{ child: AcceptedProof; final: AcceptedProof }> {
  const { generator } = scene;
  let child: AcceptedProof | undefined;
  for (const planned of await runActivity(() => generator.planBatchProofs(sequence))) {
    const left = child;
    const right = await proveAndAccept(scene, sequence, prover, planned);
    const fold = left && (await runActivity(() => generator.planAggregateProof({ left, right })));
    child = fold ? await proveAndAccept(scene, sequence, prover, fold) : right;
  }
  if (!child) throw new Error('the sequence has no batches');
  const final = await proveAndAccept(scene, sequence, prover, await planFinal(scene, sequence, child));
  return { child, final };
}

export function planFinal(
  { generator }: ProvingScene,
  sequence: SequenceIdentity,
  child: AcceptedProof,
  replaces: string | null = null,
): Promise<PlannedProof> {
  return runActivity(() => generator.planFinalProof({ sequence, miner: SAMPLE_MINER, child, replaces }));
}

/** The task of the sequence's first batch. */
export async function firstTask({ generator }: ProvingScene, sequence: SequenceIdentity): Promise<ProofTask> {
  const [planned] = await runActivity(() => generator.planBatchProofs(sequence));
  if (!planned) throw new Error('nothing was planned');
  return planned.task;
}
