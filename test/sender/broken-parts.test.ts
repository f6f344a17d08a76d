import { setTimeout as delay } from 'node:timers/promises';
import { parseUnits, toQuantity } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWalletRpc, type WalletRpc } from '../../activities/sender/wallet-rpc.js';
import { startRpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { openEndpoints } from '../support/endpoints.js';
import { eventually, startSenderChain, T1, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf, silent, TEST_SETTINGS, type SenderScene } from './sender-scene.js';
import {
  commitMined,
  commitsOnChain,
  firstOf,
  minedOnceWaiting,
  rowOf,
  untilState,
  untilWaiting,
} from './sender-steps.js';

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
beforeEach(() => mineWithBaseFee('1'));
afterEach(() => scene.close());
afterAll(() => chain.stop());

/** Endpoints that work but for what is given. */
function faultyRpc(faults: (sound: WalletRpc) => Partial<WalletRpc>): { rpc: WalletRpc } {
  const sound = createWalletRpc(chain.endpoints);
  return { rpc: { ...sound, ...faults(sound) } };
}

async function mineWithBaseFee(gwei: string): Promise<void> {
  await chain.provider.send('anvil_setNextBlockBaseFeePerGas', [toQuantity(parseUnits(gwei, 'gwei'))]);
  await chain.mine();
}

describe('a sender that is killed', () => {
  test('between write and broadcast: the next one sends the same bytes', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const first = await scene.startSender(
      faultyRpc(() => ({ broadcast: async () => silent('the process died here') })),
    );
    first.send(key).catch(() => undefined);
    await untilState(scene, key, 'pending');
    await first.kill();
    expect(await chain.waiting(scene.wallet.address)).toEqual([]);

    const second = await scene.startSender();
    const outcome = await minedOnceWaiting(chain, scene, second.send(key));
    const { attempts } = await rowOf(scene, key);
    expect(attempts.map(({ hash }) => hash)).toEqual([outcome.transactionHash]);
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });

  test('after the broadcast: the next one watches, also when nobody asks', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const first = await scene.startSender();
    first.send(key).catch(() => undefined);
    await untilWaiting(chain, scene);
    await first.kill();

    await scene.startSender();
    await chain.mine();
    await untilState(scene, key, 'mined');
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });

  test('before it signed: nothing was sent, and the step is sent once', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const noHead = async (): Promise<never> => Promise.reject(new Error('the process died here'));
    const first = await scene.startSender(faultyRpc(() => ({ feeMarket: noHead })));
    first.send(key).catch(() => undefined);
    await untilState(scene, key, 'prepared');
    await first.kill();

    const second = await scene.startSender();
    expect(await minedOnceWaiting(chain, scene, second.send(key))).toMatchObject({ result: 'mined' });
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });
});

describe('endpoints that fail', () => {
  test('an error after the broadcast changes nothing', async () => {
    scene = await openScene(chain);
    const deaf = faultyRpc(({ broadcast }) => ({
      broadcast: async (raw) => {
        await broadcast(raw);
        return silent('timed out');
      },
    }));
    const sender = await scene.startSender(deaf);
    await commitMined(chain, scene, sender, firstOf(scene));
    expect((await rowOf(scene, commitOf(firstOf(scene)))).attempts).toHaveLength(1);
  });

  test('one that withholds receipts does not make it send twice', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    let withheld = true;
    const lying = faultyRpc(({ receipt }) => ({ receipt: async (hash) => (withheld ? null : receipt(hash)) }));
    const sender = await scene.startSender(lying);
    const committed = sender.send(key);
    await untilWaiting(chain, scene);
    await chain.mine(TEST_SETTINGS.confirmations + 3);
    await eventually('the missing receipt is noticed', async () =>
      Boolean((await rowOf(scene, key)).note?.includes('no endpoint gives its receipt')),
    );
    expect((await rowOf(scene, key)).state).toBe('pending');

    withheld = false;
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });

  test('four of ten requests failing: nothing twice, nothing lost', async () => {
    scene = await openScene(chain);
    const proxy = await startRpcProxy(chain.rpcUrl);
    let requests = 0;
    // Eight after the other, then twelve that are answered: more than a step takes, whatever else is read meanwhile.
    proxy.setFaults(() => (++requests % 20 < 8 ? { httpStatus: 502 } : null));
    const endpoints = openEndpoints(proxy.url);
    const sender = await scene.startSender({ rpc: createWalletRpc(endpoints) });
    const { blockNumber: round } = await minedInTime(sender.send(commitOf(firstOf(scene))));
    await chain.mine(T1 - 1);
    const revealed = await minedInTime(sender.send(revealOf(firstOf(scene), round ?? 0)));
    expect(revealed).toMatchObject({ result: 'mined' });
    expect(await commitsOnChain(chain, scene)).toBe(1);
    endpoints.close();
    await proxy.close();
  });
});

/** Mines a block now and then until a step has ended: what no endpoint took is sent again at the next one. */
async function minedInTime<T>(step: Promise<T>): Promise<T> {
  let ended = false;
  const end = step.finally(() => (ended = true));
  while (!ended) {
    await Promise.race([end, delay(1_000)]);
    if (!ended) await chain.mine();
  }
  return end;
}
