import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { createWalletRpc, type WalletRpc } from '../../activities/sender/wallet-rpc.js';
import type { Hex } from '../../domain/sequence.js';
import { eventually, startSenderChain, T1, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf, type SenderScene } from './sender-scene.js';
import { commitMined, firstOf, minedOnceWaiting, rowOf } from './sender-steps.js';

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterEach(() => scene.close());
afterAll(() => chain.stop());

/** Endpoints of a chain that has repriced gas, as far as a sender can tell. */
function repriced(played: (sound: WalletRpc) => Partial<WalletRpc>): { rpc: WalletRpc } {
  const sound = createWalletRpc(chain.endpoints);
  return { rpc: { ...sound, ...played(sound) } };
}

/** A reveal that runs out of gas below so much of it. */
function revealsNeed(gas: bigint, outOfGas: Hex): { rpc: WalletRpc } {
  return repriced(({ callAtNext }) => ({
    callAtNext: async (call) => (call.gas < gas ? { revertData: outOfGas } : callAtNext(call)),
  }));
}

const NOT_ENOUGH_GAS = ROLLUP.encodeErrorResult('NotEnoughGas', [1, 2]);
const VERIFICATION_UNKNOWN = ROLLUP.encodeErrorResult('VerificationUnknown', [1, 2]);

describe('a reveal', () => {
  test.each([
    ['without an error', '0x'],
    ["with the contract's", NOT_ENOUGH_GAS],
    ['in its type rule', VERIFICATION_UNKNOWN],
  ])('that runs out of gas %s gets more, with room', async (_how, outOfGas) => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const needed = 2_000_000n;
    const sender = await scene.startSender(revealsNeed(needed, `0x${outOfGas.slice(2)}`));
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    const revealed = await minedOnceWaiting(chain, scene, sender.send(revealOf(sequence, round)));
    expect(revealed).toMatchObject({ result: 'mined' });
    const sent = await chain.provider.getTransaction(revealed.transactionHash ?? '');
    expect(sent?.gasLimit).toBeGreaterThan((needed * 11n) / 10n);
    expect(sent?.gasLimit).toBeLessThan(2n * needed);
  });

  test('that needs more than a transaction may have waits, and its note names gas', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender(revealsNeed(100_000_000n, '0x'));
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    const key = revealOf(sequence, round);
    sender.send(key).catch(() => undefined);
    await eventually('its row says why', async () => {
      const { note } = await rowOf(scene, key).catch(() => ({ note: null }));
      return note?.includes('lack of gas: it takes more than the 16777216') ?? false;
    });
    expect(await chain.waiting(scene.wallet.address)).toEqual([]);
  });
});

describe('a commit', () => {
  test('gets half as much again as the chain estimates', async () => {
    scene = await openScene(chain);
    const estimate = 800_000n;
    const sender = await scene.startSender(repriced(() => ({ estimateGas: async () => ({ gas: estimate }) })));
    const { transactionHash } = await minedOnceWaiting(chain, scene, sender.send(commitOf(firstOf(scene))));
    const sent = await chain.provider.getTransaction(transactionHash ?? '');
    expect(sent?.gasLimit).toBe((estimate * 3n) / 2n);
  });

  test.each([
    ['by the estimate', { gas: 20_000_000n }, /estimates 20000000/],
    ['in the words of a node', { tooMuch: 'gas required exceeds allowance (16777216)' }, /exceeds allowance/],
  ])('that needs more than a transaction may have is refused, and gas is named: %s', async (_how, estimate, words) => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender(repriced(() => ({ estimateGas: async () => estimate })));
    sender.send(key).catch(() => undefined);
    await eventually('its row says why', async () => {
      const { note } = await rowOf(scene, key).catch(() => ({ note: null }));
      return note !== null && words.test(note) && /needs more gas than one transaction may have/.test(note);
    });
    expect(await chain.waiting(scene.wallet.address)).toEqual([]);
  });
});
