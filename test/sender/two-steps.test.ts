import { Contract } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createStepRows } from '../../activities/sender/step-rows.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { startSenderChain, stateRootAfter, T1, T2, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf, TEST_SETTINGS, type SenderScene } from './sender-scene.js';
import {
  commitMined,
  commitsOnChain,
  firstOf,
  minedOnceWaiting,
  rowOf,
  untilReplaced,
  untilState,
  untilWaiting,
} from './sender-steps.js';

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

async function stateRoot(batch: number): Promise<unknown> {
  return new Contract(scene.rollup, ROLLUP_ABI, chain.provider).getFunction('batchNumToStateRoot').staticCall(batch);
}

describe('the two steps', () => {
  test('commits, then reveals when the window opens, and the state moves', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();

    const round = await commitMined(chain, scene, sender, sequence);
    const revealed = sender.send(revealOf(sequence, round));
    await chain.mine(T1 - 1);
    expect(await minedOnceWaiting(chain, scene, revealed)).toMatchObject({ result: 'mined' });
    expect(await stateRoot(1)).toBe(stateRootAfter(1));
  });

  test('a step asked for twice, also after its end, is one transaction', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender();

    const asked = [sender.send(key), sender.send(key)];
    await untilWaiting(chain, scene);
    asked.push(sender.send(key));
    await chain.mine();
    asked.push(sender.send(key));

    const outcomes = await Promise.all(asked);
    expect(new Set(outcomes.map(({ transactionHash }) => transactionHash)).size).toBe(1);
    expect((await rowOf(scene, key)).attempts).toHaveLength(1);
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });

  test('a transaction is watched to its depth, and in flight only until it is mined', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const steps = createStepRows(scene.pool);
    const inFlight = () => steps.inFlight(sequence, scene.wallet.address, async () => true);
    const sender = await scene.startSender();
    expect(await steps.nextTry(sequence, scene.wallet.address)).toBe(1);

    const committed = sender.send(commitOf(sequence));
    await untilWaiting(chain, scene);
    expect(await inFlight()).toEqual({ step: 'commit', tryNumber: 1, round: null });
    await chain.mine();
    await committed;
    expect(await inFlight()).toBeNull();
    expect((await rowOf(scene, commitOf(sequence))).state).toBe('mined');
    expect(await steps.nextTry(sequence, scene.wallet.address)).toBe(2);

    await chain.mine(TEST_SETTINGS.confirmations);
    await untilState(scene, commitOf(sequence), 'final');
  });

  test('settles a failed round, then commits to the next one', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 + T2);

    const settled = sender.send({ sequence, step: 'settle', tryNumber: round, round });
    expect(await minedOnceWaiting(chain, scene, settled)).toMatchObject({ result: 'mined' });
    const again = sender.send(commitOf(sequence, 2));
    expect(await minedOnceWaiting(chain, scene, again)).toMatchObject({ result: 'mined' });
  });

  test('what has become useless before it was signed is withdrawn, and nothing is sent', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    const round = await commitMined(chain, scene, sender, sequence);

    expect(await sender.send(commitOf(sequence, 2))).toMatchObject({ result: 'cancelled', transactionHash: null });
    const late = sender.send(revealOf(sequence, round - 1));
    await chain.mine(T1);
    expect(await late).toMatchObject({ result: 'cancelled', transactionHash: null });
    expect((await rowOf(scene, revealOf(sequence, round - 1))).note).toContain(`round ${round - 1} is over`);
  });

  test('a pending step is cancelled by a no-op at its nonce', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender();
    const committed = sender.send(key);
    const [hash = ''] = await untilWaiting(chain, scene);

    const cancelled = sender.cancel(key);
    await untilReplaced(chain, scene, hash);
    await chain.mine();
    expect(await cancelled).toMatchObject({ result: 'cancelled' });
    expect(await committed).toEqual(await cancelled);
    const { attempts } = await rowOf(scene, key);
    expect(attempts.map(({ purpose }) => purpose)).toEqual(['step', 'no-op']);
    expect(attempts[1]?.nonce).toBe(attempts[0]?.nonce);
    expect(await commitsOnChain(chain, scene)).toBe(0);
  });

  test('several sequences are committed to side by side, the lowest first', async () => {
    scene = await openScene(chain, 4);
    const sender = await scene.startSender();
    const committed = [...scene.sequences].reverse().map((sequence) => sender.send(commitOf(sequence)));
    await untilWaiting(chain, scene, 4);
    await chain.mine();
    expect((await Promise.all(committed)).map(({ result }) => result)).toEqual(Array(4).fill('mined'));
    expect(await commitsOnChain(chain, scene)).toBe(4);
  });
});
