import { toQuantity } from 'ethers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createSenderFinalProofs } from '../../activities/sender/stored-final-proofs.js';
import { createWalletRpc } from '../../activities/sender/wallet-rpc.js';
import { eventually, makeFinalProof, startSenderChain, T1, T2, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf, TEST_SETTINGS, type SenderScene } from './sender-scene.js';
import {
  commitMined,
  commitsOnChain,
  firstOf,
  minedOnceWaiting,
  rowOf,
  untilState,
  untilWaiting,
} from './sender-steps.js';

/** As the simulated rule and the contract have it. */
const VERIFICATION_GAS = 50_000n;
const HELD_BACK = 200_000n;

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

describe('before a step is signed', () => {
  test('the proof of a commit is marked, so that it is kept: not later than its hash can be seen', async () => {
    scene = await openScene(chain);
    const { pool, finals } = scene;
    const isCommitted = async (): Promise<boolean | undefined> =>
      (await finals.list(firstOf(scene), scene.wallet.address))[0]?.committed;
    const sound = createWalletRpc(chain.endpoints);
    const atBroadcast: unknown[] = [];
    const sender = await scene.startSender({
      finalProofs: createSenderFinalProofs(finals, pool),
      rpc: {
        ...sound,
        async broadcast(raw) {
          atBroadcast.push(await isCommitted());
          return sound.broadcast(raw);
        },
      },
    });
    expect(await isCommitted()).toBe(false);
    await commitMined(chain, scene, sender, firstOf(scene));
    expect(atBroadcast[0]).toBe(true);
  });

  test('the state that a proof starts from is compared with that of the chain', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    // The type rule takes it: what it is asked is what the proof says.
    const other = await makeFinalProof(chain, sequence, scene.wallet.address, { oldStateRoot: `0x${'99'.repeat(32)}` });
    const sound = createSenderFinalProofs(scene.finals, scene.pool);
    const sender = await scene.startSender({ finalProofs: { ...sound, toCommit: async () => other } });
    sender.send(commitOf(sequence)).catch(() => undefined);
    await eventually('its row says why it is not sent', async () => {
      const { note } = await rowOf(scene, commitOf(sequence)).catch(() => ({ note: null }));
      return note?.includes(`starts from state root 0x${'99'.repeat(32)}, the chain from`) ?? false;
    });
    expect(await commitsOnChain(chain, scene)).toBe(0);
  });

  test('a settle whose round has not ended waits for that, as its commitment is on the list', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    const round = await commitMined(chain, scene, sender, sequence);
    const settled = sender.send({ sequence, step: 'settle', tryNumber: round, round });
    await chain.mine(T1 + T2);
    expect(await minedOnceWaiting(chain, scene, settled)).toMatchObject({ result: 'mined' });
  });

  test('no nonce is taken below a final one, whatever an endpoint that lags counts', async () => {
    scene = await openScene(chain, 2);
    const [first, second] = scene.sequences;
    if (!first || !second) throw new Error('two sequences were not posted');
    // Another program used the one before: no row knows it.
    const foreign = await scene.wallet.getNonce();
    await scene.wallet.sendTransaction({ to: scene.wallet.address, nonce: foreign });
    await chain.mine();
    const sound = createWalletRpc(chain.endpoints);
    let lags = false;
    const sender = await scene.startSender({
      rpc: { ...sound, transactionCount: async (...asked) => (lags ? foreign : sound.transactionCount(...asked)) },
    });
    await commitMined(chain, scene, sender, first);
    await chain.mine(TEST_SETTINGS.confirmations);
    await untilState(scene, commitOf(first), 'final');
    lags = true;
    const committed = sender.send(commitOf(second));
    await untilWaiting(chain, scene);
    lags = false;
    expect(await rowOf(scene, commitOf(second))).toMatchObject({ nonce: foreign + 2 });
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
  });

  test('a reveal has room for thrice what one takes today, beside its verifier and what the contract holds back', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    const { transactionHash } = await minedOnceWaiting(chain, scene, sender.send(revealOf(sequence, round)));
    const sent = await chain.provider.getTransaction(transactionHash ?? '');
    const receipt = await chain.provider.getTransactionReceipt(transactionHash ?? '');
    const today = receipt?.gasUsed ?? 0n;
    expect(today).toBeGreaterThan(100_000n);
    expect(sent?.gasLimit).toBeGreaterThan(VERIFICATION_GAS + HELD_BACK + 3n * today);
  });
});

test('what a pool holds is raised once it has waited for the blocks of the setting, not a block later', async () => {
  scene = await openScene(chain);
  const key = commitOf(firstOf(scene));
  const sender = await scene.startSender();
  const committed = sender.send(key);
  await untilWaiting(chain, scene);
  const { attempts } = await rowOf(scene, key);
  const block = await chain.provider.getBlock('latest');
  // No block has room for it, and all that is read fits.
  await chain.provider.send('evm_setBlockGasLimit', [toQuantity(200_000)]);
  try {
    for (let mined = 0; mined < TEST_SETTINGS.bumpAfterBlocks; mined += 1) {
      expect((await rowOf(scene, key)).attempts).toHaveLength(1);
      await chain.mine();
    }
    await eventually('it is raised', async () => (await rowOf(scene, key)).attempts.length === 2);
  } finally {
    await chain.provider.send('evm_setBlockGasLimit', [toQuantity(block?.gasLimit ?? 30_000_000n)]);
  }
  const [first, raised] = (await rowOf(scene, key)).attempts;
  expect(attempts).toHaveLength(1);
  expect((raised?.signedAtBlock ?? 0) - (first?.signedAtBlock ?? 0)).toBe(TEST_SETTINGS.bumpAfterBlocks);
  await chain.mine(2);
  expect(await committed).toMatchObject({ result: 'mined' });
});
