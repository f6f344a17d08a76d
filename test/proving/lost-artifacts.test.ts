import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { SAMPLE_MINER } from '../support/proof-samples.js';
import { runActivity } from '../support/test-chain.js';
import {
  firstTask,
  newSequence,
  openProvingScene,
  planFinal,
  proveAndAccept,
  proveSequence,
  type ProvingScene,
} from './proving-scene.js';

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

describe('what is lost or damaged', () => {
  async function lose(digest: string): Promise<void> {
    await scene.database.pool.query('DELETE FROM artifacts WHERE digest = $1', [digest]);
  }

  test('an input is named, and put back when the sequence is planned again', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const task = await firstTask(scene, sequence);
    await scene.database.pool.query(`UPDATE artifacts SET bytes = 'x' WHERE digest = $1`, [task.inputDigest]);
    await expect(runActivity(() => prover.prove(task))).rejects.toMatchObject({
      type: 'ArtifactLostError',
      nonRetryable: true,
    });
    expect(await firstTask(scene, sequence)).toEqual(task);
    expect(await proveAndAccept(scene, sequence, prover, { task, accepted: null })).toMatchObject({
      taskId: task.taskId,
    });
  });

  test('a batch proof is made again, and nothing else', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const [left, right] = await runActivity(() => scene.generator.planBatchProofs(sequence));
    if (!left || !right) throw new Error('nothing was planned');
    const lost = await proveAndAccept(scene, sequence, prover, left);
    const kept = await proveAndAccept(scene, sequence, prover, right);
    await lose(lost.proofDigest);
    await expect(
      runActivity(() => scene.generator.planAggregateProof({ left: lost, right: kept })),
    ).rejects.toMatchObject({
      type: 'ArtifactLostError',
    });
    const again = await runActivity(() => scene.generator.planBatchProofs(sequence));
    expect(again.map(({ accepted }) => accepted?.taskId ?? null)).toEqual([null, right.task.taskId, null]);
    await proveAndAccept(scene, sequence, prover, left);
  });

  test('a committed final proof is restored from its file; lost in both, another is made beside it', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const { child, final } = await proveSequence(scene, sequence, prover);
    await scene.finals.markCommitted(final.proofDigest);
    await lose(final.proofDigest);
    expect((await planFinal(scene, sequence, child)).accepted).toMatchObject({ proofDigest: final.proofDigest });

    await lose(final.proofDigest);
    await rm(join(scene.directory, `${final.proofDigest}.json`));
    const planned = await planFinal(scene, sequence, child);
    expect(planned.accepted).toBeNull();
    expect(planned.task.taskId).not.toBe(final.taskId);
    const another = await proveAndAccept(scene, sequence, prover, planned);
    expect(another.proofDigest).not.toBe(final.proofDigest);
    expect(
      (await scene.finals.list(sequence, SAMPLE_MINER)).map(({ proofDigest, committed }) => [proofDigest, committed]),
    ).toEqual([
      [another.proofDigest, false],
      [final.proofDigest, true],
    ]);
  });

  test('a final proof asked for anew is made once, however often it is asked for', async () => {
    const prover = await scene.addProver(`rig-${number}`);
    const { child, final } = await proveSequence(scene, sequence, prover);
    await scene.finals.markCommitted(final.proofDigest);
    const planned = await planFinal(scene, sequence, child, 'round 12');
    expect(planned.accepted).toBeNull();
    const another = await proveAndAccept(scene, sequence, prover, planned);
    expect((await planFinal(scene, sequence, child, 'round 12')).accepted).toMatchObject({
      proofDigest: another.proofDigest,
    });
    expect((await planFinal(scene, sequence, child)).accepted).toMatchObject({ proofDigest: another.proofDigest });

    await scene.finals.markCommitted(another.proofDigest);
    const third = await planFinal(scene, sequence, child, 'round 45');
    expect(third.accepted).toBeNull();
    expect([final.taskId, another.taskId]).not.toContain(third.task.taskId);
  });
});
