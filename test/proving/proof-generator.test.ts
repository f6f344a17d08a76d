import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { upsertCircuits } from '../../activities/storage/circuits.js';
import { selectProvers } from '../../activities/storage/provers.js';
import { BadInputError } from '../../domain/prover-errors.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import type { ProofKind } from '../../domain/proof.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { SAMPLE_MINER } from '../support/proof-samples.js';
import { runActivity, startActivity } from '../support/test-chain.js';
import {
  firstTask,
  LAST_STATE_ROOT,
  newSequence,
  openProvingScene,
  planFinal,
  proveAndAccept,
  proveSequence,
  QUICK,
  type ProvingScene,
} from './proving-scene.js';

const simulated = createSimulatedBackend(QUICK);
let scene: ProvingScene;
let sequence: SequenceIdentity;
/** Counts the tests: each has machines of its own. */
let number = 0;
beforeAll(async () => {
  scene = await openProvingScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  number += 1;
  sequence = newSequence();
});

describe('a sequence', () => {
  test('is proved, folded and bound to the miner; the final proof is stored with its hash', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const { final } = await proveSequence(scene, sequence, prover);
    expect(prover.asked).toEqual(['batch', 'batch', 'aggregate', 'batch', 'aggregate', 'final']);
    const stored = await scene.finals.newestFit(sequence, SAMPLE_MINER);
    const bytes = await scene.finals.bytes(final.proofDigest);
    expect(stored).toMatchObject({ proofDigest: final.proofDigest, statement: { newStateRoot: LAST_STATE_ROOT } });
    expect(stored?.proofHash).toBe(proofHashOf(bytes ?? new Uint8Array(), SAMPLE_MINER));
  });

  test('that was proved is found, by another aggregator as well, and not proved again', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const { final } = await proveSequence(scene, sequence, prover);
    prover.asked.length = 0;
    expect((await proveSequence(scene, sequence, prover)).final).toEqual(final);
    expect(prover.asked).toEqual([]);
  });

  test('has the same batch and fold tasks for every miner, and another final task', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const { child } = await proveSequence(scene, sequence, prover);
    const other = await runActivity(() =>
      scene.generator.planFinalProof({
        sequence,
        miner: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
        child,
        replaces: null,
      }),
    );
    expect(other.accepted).toBeNull();
    expect(other.task.taskId).not.toBe((await planFinal(scene, sequence, child)).task.taskId);
  });
});

describe('what a prover returns', () => {
  test('is refused when it does not verify; the machine is set aside and told so, another does the work', async () => {
    const liar = await scene.addProver(
      `liar-${number}`,
      createSimulatedBackend({ ...QUICK, fault: () => 'wrong proof' }),
    );
    const honest = await scene.addProver(`honest-${number}`);
    const task = await firstTask(scene, sequence);
    const proven = await runActivity(() => liar.prove(task));
    const verdict = await runActivity(() => scene.generator.acceptProof({ sequence, task, proven }));
    expect(verdict).toMatchObject({ accepted: null, prover: `liar-${number}` });
    const provers = await selectProvers(scene.database.pool);
    expect(provers.find(({ name }) => name === `liar-${number}`)?.setAsideFor).toMatch(/does not verify/);

    await expect(runActivity(() => liar.prove(task))).rejects.toMatchObject({ type: 'ProverSetAsideError' });
    expect(liar.unfit).toHaveLength(1);
    expect(await proveAndAccept(scene, sequence, honest, { task, accepted: null })).toMatchObject({ kind: 'batch' });
  });

  test('is not taken for the work of another machine', async () => {
    const honest = await scene.addProver(`honest-${number}`);
    const task = await firstTask(scene, sequence);
    const proven = await runActivity(() => honest.prove(task));
    const claim = { ...proven, proofDigest: '0'.repeat(64) };
    const verdict = await runActivity(() => scene.generator.acceptProof({ sequence, task, proven: claim }));
    if (verdict.accepted) throw new Error('it was accepted');
    expect(verdict.reason).toContain('no machine handed in');
    const provers = await selectProvers(scene.database.pool);
    expect(provers.find(({ name }) => name === `honest-${number}`)?.setAsideFor).toBeNull();
  });

  test('is found when it was handed in and nobody heard of it', async () => {
    const [dead, next] = [await scene.addProver(`dead-${number}`), await scene.addProver(`next-${number}`)];
    const task = await firstTask(scene, sequence);
    const proven = await runActivity(() => dead.prove(task));
    expect(await runActivity(() => next.prove(task))).toEqual(proven);
    expect(next.asked).toEqual([]);
  });

  test('counts once: a second proof of a task does not replace the first', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const task = await firstTask(scene, sequence);
    const first = await proveAndAccept(scene, sequence, prover, { task, accepted: null });
    const proven = { taskId: task.taskId, proofDigest: 'f'.repeat(64), seconds: 1, prover: 'somebody' };
    expect(await runActivity(() => scene.generator.acceptProof({ sequence, task, proven }))).toEqual({
      accepted: first,
    });
  });
});

describe('a prover', () => {
  test('tells its progress, and stops when it is cancelled', async () => {
    const prover = await scene.addProver(`slow-${number}`, createSimulatedBackend({ secondsByKind: { batch: 60 } }));
    const task = await firstTask(scene, sequence);
    const proving = startActivity(() => prover.prove(task));
    await expect.poll(() => JSON.stringify(proving.beats)).toContain('"stage":"proof"');
    proving.cancel();
    await expect(proving.result).rejects.toMatchObject({ name: 'CancelledFailure' });
  });

  test('is not believed alone that nobody can prove a task; what it failed at itself is tried again as well', async () => {
    const task = await firstTask(scene, sequence);
    const bad = await scene.addProver(
      `bad-${number}`,
      createSimulatedBackend({ ...QUICK, fault: () => new BadInputError('not provable') }),
    );
    await expect(runActivity(() => bad.prove(task))).rejects.toMatchObject({
      type: 'BadInputError',
      nonRetryable: false,
    });
    const sick = await scene.addProver(
      `sick-${number}`,
      createSimulatedBackend({ ...QUICK, fault: () => new Error('out of memory') }),
    );
    await expect(runActivity(() => sick.prove(task))).rejects.toMatchObject({ nonRetryable: false });
  });

  test('with another circuit version than its miner hands the task back, as no try, and takes no more', async () => {
    await tellCircuits((kind) => simulated.circuitId(kind));
    const prover = await scene.addProver(`old-${number}`, { ...simulated, circuitId: () => '0xold' });
    const task = await firstTask(scene, sequence);
    await expect(runActivity(() => prover.prove(task))).rejects.toMatchObject({
      ...{ type: 'HandedBackError', nonRetryable: true },
      message: expect.stringMatching(/needs batch circuit 0x[0-9a-f]+, prover old-\d+ has 0xold: bring the machine/),
    });
    expect(prover.unfit).toEqual([expect.stringContaining('bring the machine to the version of the aggregator')]);
    expect(prover.asked).toEqual([]);
  });

  test('with the present circuits goes on where a task was planned for earlier ones', async () => {
    const task = await firstTask(scene, sequence);
    const prover = await scene.addProver(`new-${number}`, { ...simulated, circuitId: () => '0xnew' });
    await tellCircuits(() => '0xnew');
    await expect(runActivity(() => prover.prove(task))).rejects.toMatchObject({
      ...{ type: 'WrongCircuitError', nonRetryable: false },
      message: expect.stringMatching(/planned for an earlier version/),
    });
    expect(prover.unfit).toEqual([]);
  });
});

/** As an aggregator does at its start. */
async function tellCircuits(circuitId: (kind: ProofKind) => string): Promise<void> {
  const kinds = ['batch', 'aggregate', 'final'] as const;
  await upsertCircuits(
    scene.database.pool,
    kinds.map((kind) => ({ proofSystem: simulated.proofSystem, kind, circuitId: circuitId(kind) })),
  );
}
