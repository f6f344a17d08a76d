import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { createProofGeneratorActivities } from '../../activities/proving/create-proof-generator-activities.js';
import { createProverActivities } from '../../activities/proving/create-prover-activities.js';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import type {
  ProofGeneratorActivities,
  ProverActivities,
} from '../../activities/proving/proof-generator-activities.js';
import type { RollupDataSource } from '../../activities/proving/rollup-data.js';
import type { PostedBatch } from '../../activities/proving/rollup-type.js';
import { createArtifactStore } from '../../activities/storage/artifact-store.js';
import { createPool } from '../../activities/storage/database.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import { selectProvers } from '../../activities/storage/provers.js';
import type { ProofRequest, ProverBackend } from '../../provers/prover-backend.js';
import { BadInputError } from '../../provers/prover-errors.js';
import { createSimulatedBackend } from '../../provers/simulated/simulated-backend.js';
import type { AcceptedProof, ProofTask } from '../../workflows/domain/proof.js';
import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import { counterType } from '../rollup-types/counter-type.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { SAMPLE_MINER, word32 } from '../support/proof-samples.js';
import { runActivity, startActivity } from '../support/test-chain.js';

const QUICK = { secondsByKind: { batch: 0, aggregate: 0, final: 0 } };

let database: TestDatabase;
let directory: string;
let finals: FinalProofStore;
let generator: ProofGeneratorActivities;
let sequence: SequenceIdentity;
let rollups = 0;
const pools: pg.Pool[] = [];

beforeAll(async () => {
  database = await openTestDatabase();
  directory = await mkdtemp(join(tmpdir(), 'zkpow-finals-'));
});
afterAll(async () => {
  for (const pool of pools) await pool.end();
  await database.close();
  await rm(directory, { recursive: true });
});

/** Each test proves a rollup of its own, with one sequence of three batches. */
beforeEach(() => {
  rollups += 1;
  const rollup = { chainId: 31337, rollup: `0x${rollups.toString(16).padStart(40, '0')}` };
  const contents = ['0x01', '0x0202', '0x'].map((transactions) => {
    return { transactions: asHex(transactions), globalExitRoot: word32(0), timestamp: 1, l2Coinbase: SAMPLE_MINER };
  });
  const batches = numberBatches(contents, { firstBatch: 1, previousAccInputHash: word32(0), batchBytes: 32 });
  sequence = { ...rollup, firstBatch: 1, lastBatch: 3, accInputHash: batches.at(-1)?.accInputHash ?? word32(0) };
  finals = createFinalProofStore(database.pool, directory);
  generator = newGenerator(createSimulatedBackend(QUICK), batches);
});

function newGenerator(backend: ProverBackend, batches: PostedBatch[]): ProofGeneratorActivities {
  const source: RollupDataSource = {
    describe: async () => ({ rollupType: 'counter', proofSystem: 'simulated' }),
    genesis: async () => ({ stateRoot: word32(10), accInputHash: word32(0), data: '0x' }),
    async *postedBatches(_sequence, firstBatch) {
      yield* batches.slice(firstBatch - 1);
    },
  };
  return createProofGeneratorActivities({
    pool: database.pool,
    artifacts: createArtifactStore(database.pool),
    finals,
    source,
    findRollupType: () => counterType,
    findBackend: () => backend,
  });
}

/** A mining machine of its own: backend, login role and all. */
async function newProver(
  name: string,
  backend: ProverBackend = createSimulatedBackend(QUICK),
): Promise<ProverActivities & { setAside: string[]; asked: ProofRequest['kind'][] }> {
  const login = await grantProver(database.pool, `${name}-${rollups}`);
  const pool = createPool(proverDatabaseUrl(database.url, login), 2);
  pools.push(pool);
  const setAside: string[] = [];
  const asked: ProofRequest['kind'][] = [];
  const watched: ProverBackend = {
    ...backend,
    prove(request, context) {
      asked.push(request.kind);
      return backend.prove(request, context);
    },
  };
  const onSetAside = (reason: string) => void setAside.push(reason);
  const store = createProverStore(pool);
  return { ...createProverActivities({ name: login.name, store, backend: watched, onSetAside }), setAside, asked };
}

async function proveAndAccept(prover: ProverActivities, task: ProofTask): Promise<AcceptedProof> {
  const proven = await runActivity(() => prover.prove(task));
  const verdict = await runActivity(() => generator.acceptProof({ sequence, task, proven }));
  if (!verdict.accepted) throw new Error(verdict.reason);
  return verdict.accepted;
}

async function proveAll(prover: ProverActivities): Promise<{ child: AcceptedProof; final: AcceptedProof }> {
  const batches: AcceptedProof[] = [];
  for (const { task, accepted } of await runActivity(() => generator.planBatchProofs(sequence))) {
    batches.push(accepted ?? (await proveAndAccept(prover, task)));
  }
  let child = batches[0];
  for (const right of batches.slice(1)) {
    const left = child;
    if (!left) throw new Error('no batch');
    const fold = await runActivity(() => generator.planAggregateProof({ left, right }));
    child = fold.accepted ?? (await proveAndAccept(prover, fold.task));
  }
  if (!child) throw new Error('no batch');
  const final = await planFinal(child, null);
  return { child, final: final.accepted ?? (await proveAndAccept(prover, final.task)) };
}

function planFinal(child: AcceptedProof, replaces: string | null) {
  return runActivity(() => generator.planFinalProof({ sequence, miner: SAMPLE_MINER, child, replaces }));
}

async function firstTask(): Promise<ProofTask> {
  const [planned] = await runActivity(() => generator.planBatchProofs(sequence));
  if (!planned) throw new Error('nothing was planned');
  return planned.task;
}

describe('a sequence', () => {
  test('is proved, folded and bound to the miner; the final proof is stored with its hash', async () => {
    const prover = await newProver('rig');
    const { final } = await proveAll(prover);
    expect(prover.asked).toEqual(['batch', 'batch', 'batch', 'aggregate', 'aggregate', 'final']);
    const stored = await finals.newestFit(sequence, SAMPLE_MINER);
    const bytes = await finals.bytes(final.proofDigest);
    expect(stored).toMatchObject({ proofDigest: final.proofDigest, statement: { newStateRoot: word32(15) } });
    expect(stored?.proofHash).toBe(proofHashOf(bytes ?? new Uint8Array(), SAMPLE_MINER));
  });

  test('that was proved is found, by another aggregator as well, and not proved again', async () => {
    const prover = await newProver('rig');
    const { final } = await proveAll(prover);
    prover.asked.length = 0;
    expect((await proveAll(prover)).final).toEqual(final);
    expect(prover.asked).toEqual([]);
  });

  test('has the same batch and fold tasks for every miner, and another final task', async () => {
    const prover = await newProver('rig');
    const { child } = await proveAll(prover);
    const other = await runActivity(() =>
      generator.planFinalProof({
        sequence,
        miner: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
        child,
        replaces: null,
      }),
    );
    expect(other.accepted).toBeNull();
    expect(other.task.taskId).not.toBe((await planFinal(child, null)).task.taskId);
  });
});

describe('what a prover returns', () => {
  test('is refused when it does not verify; the machine is set aside and told so, another does the work', async () => {
    const liar = await newProver('liar', createSimulatedBackend({ ...QUICK, fault: () => 'wrong proof' }));
    const honest = await newProver('honest');
    const task = await firstTask();
    const proven = await runActivity(() => liar.prove(task));
    const verdict = await runActivity(() => generator.acceptProof({ sequence, task, proven }));
    expect(verdict).toMatchObject({ accepted: null, prover: `liar-${rollups}` });
    const provers = await selectProvers(database.pool);
    expect(provers.find(({ name }) => name === `liar-${rollups}`)?.setAsideFor).toMatch(/does not verify/);

    await expect(runActivity(() => liar.prove(task))).rejects.toMatchObject({ type: 'ProverSetAsideError' });
    expect(liar.setAside).toHaveLength(1);
    expect(await proveAndAccept(honest, task)).toMatchObject({ kind: 'batch' });
  });

  test('is not taken for the work of another machine', async () => {
    const honest = await newProver('honest');
    const task = await firstTask();
    const proven = await runActivity(() => honest.prove(task));
    const claim = { ...proven, proofDigest: '0'.repeat(64) };
    const verdict = await runActivity(() => generator.acceptProof({ sequence, task, proven: claim }));
    expect(verdict).toMatchObject({ accepted: null, reason: expect.stringContaining('no machine handed in') });
    const provers = await selectProvers(database.pool);
    expect(provers.find(({ name }) => name === `honest-${rollups}`)?.setAsideFor).toBeNull();
  });

  test('is found when it was handed in and nobody heard of it', async () => {
    const [dead, next] = [await newProver('dead'), await newProver('next')];
    const task = await firstTask();
    const proven = await runActivity(() => dead.prove(task));
    expect(await runActivity(() => next.prove(task))).toEqual(proven);
    expect(next.asked).toEqual([]);
  });

  test('counts once: a second proof of a task does not replace the first', async () => {
    const prover = await newProver('rig');
    const task = await firstTask();
    const first = await proveAndAccept(prover, task);
    const proven = { taskId: task.taskId, proofDigest: 'f'.repeat(64), seconds: 1, prover: 'somebody' };
    expect(await runActivity(() => generator.acceptProof({ sequence, task, proven }))).toEqual({ accepted: first });
  });
});

describe('a prover', () => {
  test('tells its progress, and stops when it is cancelled', async () => {
    const prover = await newProver('slow', createSimulatedBackend({ secondsByKind: { batch: 60 } }));
    const task = await firstTask();
    const proving = startActivity(() => prover.prove(task));
    await expect.poll(() => JSON.stringify(proving.beats)).toContain('"stage":"proof"');
    proving.cancel();
    await expect(proving.result).rejects.toMatchObject({ name: 'CancelledFailure' });
  });

  test('does not try what nobody can prove, and tries again what it failed at itself', async () => {
    const task = await firstTask();
    const bad = await newProver(
      'bad',
      createSimulatedBackend({ ...QUICK, fault: () => new BadInputError('not provable') }),
    );
    await expect(runActivity(() => bad.prove(task))).rejects.toMatchObject({
      type: 'BadInputError',
      nonRetryable: true,
    });
    const sick = await newProver('sick', createSimulatedBackend({ ...QUICK, fault: () => new Error('out of memory') }));
    await expect(runActivity(() => sick.prove(task))).rejects.toMatchObject({ nonRetryable: false });
  });

  test('with another circuit version says so, and leaves the task to others', async () => {
    const backend = { ...createSimulatedBackend(QUICK), circuitId: () => '0xold' };
    const prover = await newProver('old', backend);
    const task = await firstTask();
    await expect(runActivity(() => prover.prove(task))).rejects.toMatchObject({
      type: 'WrongCircuitError',
      nonRetryable: false,
      message: expect.stringMatching(/needs batch circuit 0x[0-9a-f]+, prover old-\d+ has 0xold: bring the machine/),
    });
  });
});

describe('what is lost or damaged', () => {
  async function lose(digest: string): Promise<void> {
    await database.pool.query('DELETE FROM artifacts WHERE digest = $1', [digest]);
  }

  test('an input is named, and put back when the sequence is planned again', async () => {
    const prover = await newProver('rig');
    const task = await firstTask();
    await database.pool.query(`UPDATE artifacts SET bytes = 'x' WHERE digest = $1`, [task.inputDigest]);
    await expect(runActivity(() => prover.prove(task))).rejects.toMatchObject({
      type: 'ArtifactLostError',
      nonRetryable: true,
    });
    expect(await firstTask()).toEqual(task);
    expect(await proveAndAccept(prover, task)).toMatchObject({ taskId: task.taskId });
  });

  test('a batch proof is made again, and nothing else', async () => {
    const prover = await newProver('rig');
    const [left, right] = await runActivity(() => generator.planBatchProofs(sequence));
    if (!left || !right) throw new Error('nothing was planned');
    const lost = await proveAndAccept(prover, left.task);
    const kept = await proveAndAccept(prover, right.task);
    await lose(lost.proofDigest);
    await expect(runActivity(() => generator.planAggregateProof({ left: lost, right: kept }))).rejects.toMatchObject({
      type: 'ArtifactLostError',
    });
    const again = await runActivity(() => generator.planBatchProofs(sequence));
    expect(again.map(({ accepted }) => accepted?.taskId ?? null)).toEqual([null, right.task.taskId, null]);
    await proveAndAccept(prover, left.task);
  });

  test('a committed final proof is restored from its file; lost in both, another is made beside it', async () => {
    const prover = await newProver('rig');
    const { child, final } = await proveAll(prover);
    await finals.markCommitted(final.proofDigest);
    await lose(final.proofDigest);
    expect((await planFinal(child, null)).accepted).toMatchObject({ proofDigest: final.proofDigest });

    await lose(final.proofDigest);
    await rm(join(directory, `${final.proofDigest}.json`));
    const planned = await planFinal(child, null);
    expect(planned.accepted).toBeNull();
    expect(planned.task.taskId).not.toBe(final.taskId);
    const another = await proveAndAccept(prover, planned.task);
    expect(another.proofDigest).not.toBe(final.proofDigest);
    expect(
      (await finals.list(sequence, SAMPLE_MINER)).map(({ proofDigest, committed }) => [proofDigest, committed]),
    ).toEqual([
      [another.proofDigest, false],
      [final.proofDigest, true],
    ]);
  });

  test('a final proof asked for anew is made once, however often it is asked for', async () => {
    const prover = await newProver('rig');
    const { child, final } = await proveAll(prover);
    await finals.markCommitted(final.proofDigest);
    const planned = await planFinal(child, 'round 12');
    expect(planned.accepted).toBeNull();
    const another = await proveAndAccept(prover, planned.task);
    expect((await planFinal(child, 'round 12')).accepted).toMatchObject({ proofDigest: another.proofDigest });
    expect((await planFinal(child, null)).accepted).toMatchObject({ proofDigest: another.proofDigest });

    await finals.markCommitted(another.proofDigest);
    const third = await planFinal(child, 'round 45');
    expect(third.accepted).toBeNull();
    expect([final.taskId, another.taskId]).not.toContain(third.task.taskId);
  });
});

function asHex(text: string): `0x${string}` {
  return `0x${text.slice(2)}`;
}
