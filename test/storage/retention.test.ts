import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createArtifactStore } from '../../activities/storage/artifact-store.js';
import { markFinalProofSettled } from '../../activities/storage/final-proofs.js';
import { deleteExpiredTasks, markSettledTasks } from '../../activities/storage/retention.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import {
  newSequence,
  openProvingScene,
  planFinal,
  proveAndAccept,
  proveSequence,
  type ProvingScene,
  type TestProver,
} from '../proving/proving-scene.js';
import { SAMPLE_MINER } from '../support/proof-samples.js';
import { runActivity } from '../support/test-chain.js';

const HOUR_MS = 3_600_000;

let scene: ProvingScene;
let prover: TestProver;
let machines = 0;
beforeAll(async () => {
  scene = await openProvingScene();
});
beforeEach(async () => {
  prover = await scene.addProver(`rig-${(machines += 1)}`);
});
afterAll(() => scene.close());

/** Deletes what has been settled for at least so long. */
function deleteSettled(settledForMs = 0, limit = 1_000) {
  return deleteExpiredTasks(scene.database.pool, { settledForMs, limit });
}

async function artifactCount(): Promise<number> {
  const { rows } = await scene.database.pool.query<{ count: number }>('SELECT count(*)::int AS count FROM artifacts');
  return rows[0]?.count ?? 0;
}

function settle(sequence: SequenceIdentity, lastVerified: number): Promise<void> {
  return markSettledTasks(scene.database.pool, sequence, lastVerified);
}

describe('inputs and intermediate proofs', () => {
  test('of a settled sequence go after the set time, not before; its final proof stays', async () => {
    const before = await artifactCount();
    const sequence = newSequence();
    const { final } = await proveSequence(scene, sequence, prover);
    expect(await deleteSettled()).toEqual({ tasks: 0, artifacts: 0 });

    await settle(sequence, 3);
    expect(await deleteSettled(HOUR_MS)).toEqual({ tasks: 0, artifacts: 0 });
    // Three batches, two folds and the final one.
    expect(await deleteSettled()).toMatchObject({ tasks: 6 });
    expect(await artifactCount()).toBe(before + 1);
    expect(await scene.finals.bytes(final.proofDigest)).not.toBeNull();
    expect(await scene.finals.newestFit(sequence, SAMPLE_MINER)).toMatchObject({ proofDigest: final.proofDigest });
  });

  test('go in bounded steps', async () => {
    const sequence = newSequence();
    await proveSequence(scene, sequence, prover);
    await settle(sequence, 3);
    const steps = [await deleteSettled(0, 4), await deleteSettled(0, 4), await deleteSettled(0, 4)];
    expect(steps.map(({ tasks }) => tasks)).toEqual([4, 2, 0]);
  });

  test('that an open sequence shares stay: it is proved without being planned again', async () => {
    const settled = newSequence();
    const open = newSequence();
    // The same batches were posted to both rollups, so their inputs have the same digests.
    const planned = await runActivity(() => scene.generator.planBatchProofs(open));
    await proveSequence(scene, settled, prover);
    await settle(settled, 3);
    expect(await deleteSettled()).toMatchObject({ tasks: 6 });
    for (const plan of planned) await proveAndAccept(scene, open, prover, plan);
    const machine = await scene.addProver('other');
    await proveSequence(scene, open, machine);
    expect(machine.asked).toEqual(['aggregate', 'aggregate', 'final']);
  });

  test('go only for batches that are verified; what is posted again proves only what is gone', async () => {
    const sequence = newSequence();
    await proveSequence(scene, sequence, prover);
    await settle(sequence, 1);
    expect(await deleteSettled()).toMatchObject({ tasks: 1 });

    const machine = await scene.addProver('again');
    const { child } = await proveSequence(scene, sequence, machine);
    expect(machine.asked.filter((kind) => kind === 'batch')).toHaveLength(1);
    expect((await planFinal(scene, sequence, child)).accepted).not.toBeNull();
  });

  test('stay when a reorg takes the verification back in time', async () => {
    const sequence = newSequence();
    await proveSequence(scene, sequence, prover);
    await settle(sequence, 3);
    await settle(sequence, 0);
    expect(await deleteSettled()).toEqual({ tasks: 0, artifacts: 0 });
  });
});

describe('a final proof', () => {
  test('that was committed can be deleted only when it is settled, then from database and file', async () => {
    const { pool } = scene.database;
    const sequence = newSequence();
    const { final } = await proveSequence(scene, sequence, prover);
    const { proofDigest } = final;
    await scene.finals.markCommitted(proofDigest);
    const files = async () => (await readdir(scene.directory)).filter((name) => name.startsWith(proofDigest));

    expect(await scene.finals.deleteSettled(proofDigest)).toBe(false);
    await expect(pool.query('DELETE FROM final_proofs WHERE proof_digest = $1', [proofDigest])).rejects.toThrow(
      /committed on the chain: it is never replaced, nor deleted before it is settled/,
    );
    expect(await files()).toHaveLength(1);

    await markFinalProofSettled(pool, proofDigest);
    await settle(sequence, 3);
    await deleteSettled();
    expect(await scene.finals.deleteSettled(proofDigest)).toBe(true);
    expect(await files()).toEqual([]);
    await expect(createArtifactStore(pool).get(proofDigest)).rejects.toThrow(/is not in the database/);
    expect(await scene.finals.restoreFromFiles()).toBe(0);
    expect(await scene.finals.list(sequence, SAMPLE_MINER)).toEqual([]);
  });
});
