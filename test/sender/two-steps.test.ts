import { Contract } from 'ethers';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { startSenderChain, stateRootAfter, T1, type SenderChain } from './chain-scene.js';
import { openScene, revealOf, type SenderScene } from './sender-scene.js';
import { commitMined, untilWaiting } from './sender-steps.js';

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

test('commits, then reveals when the window opens, and the state moves', async () => {
  scene = await openScene(chain);
  const [sequence] = scene.sequences;
  if (!sequence) throw new Error('nothing was posted');
  const sender = await scene.startSender();

  const round = await commitMined(chain, scene, sender, sequence);
  const revealed = sender.send(revealOf(sequence, round));
  await chain.mine(T1 - 1);
  await untilWaiting(chain, scene);
  await chain.mine();

  expect(await revealed).toMatchObject({ result: 'mined' });
  const rollup = new Contract(scene.rollup, ROLLUP_ABI, chain.provider);
  expect(await rollup.getFunction('batchNumToStateRoot').staticCall(1)).toBe(stateRootAfter(1));
});
