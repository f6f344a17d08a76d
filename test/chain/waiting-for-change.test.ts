import { describe, expect, test } from 'vitest';
import { viewFingerprint } from '../../domain/sequence-view.js';
import { runActivity, startActivity } from '../support/test-chain.js';
import { postAndProve, readView, setViewScene } from './view-scene.js';

const scene = setViewScene();

describe('waiting for a change', () => {
  test('ends when what a decision hangs on is another, not at every block', async () => {
    scene.chain.reader.start();
    const { sequence, final } = await postAndProve(scene);
    const view = await readView(scene, sequence);
    const request = { sequence, miner: scene.rollup.miner.address, lastUsed: view.head, untilBlock: null };
    const waiting = startActivity(() =>
      scene.chain.activities.waitForChange({ ...request, fingerprint: viewFingerprint(view) }),
    );
    let ended = false;
    void waiting.result.then(() => (ended = true));
    await scene.rollup.mine(3);
    await expect.poll(() => JSON.stringify(waiting.beats)).toContain(`"head":${await scene.rollup.head()}`);
    expect(ended).toBe(false);
    await scene.rollup.commit(scene.rollup.miner, sequence, final.proof);
    await waiting.result;
  });

  test('ends as soon as a given block is the next one', async () => {
    scene.chain.reader.start();
    const sequence = await scene.rollup.post('0x05');
    const view = await readView(scene, sequence);
    const untilBlock = view.head.number + 4;
    const request = { sequence, miner: scene.rollup.miner.address, lastUsed: view.head, untilBlock };
    const waiting = startActivity(() =>
      scene.chain.activities.waitForChange({ ...request, fingerprint: viewFingerprint(view) }),
    );
    await scene.rollup.mine(2);
    expect(await time(untilBlock)).toMatchObject({ head: view.head.number + 2 });
    expect((await time(untilBlock)).timeMs).toBeGreaterThan(0);
    await scene.rollup.mine(1);
    await waiting.result;
    expect(await time(untilBlock)).toEqual({ head: untilBlock - 1, timeMs: 0 });
    expect((await time(untilBlock + 1_000_000)).timeMs).toBe(600_000);
  });

  test('ends as cancelled when it is cancelled', async () => {
    scene.chain.reader.start();
    const sequence = await scene.rollup.post('0x05');
    const view = await readView(scene, sequence);
    const request = { sequence, miner: scene.rollup.miner.address, lastUsed: null, untilBlock: null };
    const waiting = startActivity(() =>
      scene.chain.activities.waitForChange({ ...request, fingerprint: viewFingerprint(view) }),
    );
    waiting.cancel();
    await expect(waiting.result).rejects.toMatchObject({ name: 'CancelledFailure' });
  });

  function time(block: number) {
    return runActivity(() => scene.chain.activities.expectedTimeUntilBlock({ chainId: scene.rollup.chainId, block }));
  }
});
