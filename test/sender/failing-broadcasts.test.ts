import { formatEther, parseEther, parseUnits, toQuantity, Transaction } from 'ethers';
import { z } from 'zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { createWalletRpc, type WalletRpc } from '../../activities/sender/wallet-rpc.js';
import { startRpcProxy, type FaultSource, type RpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { openEndpoints } from '../support/endpoints.js';
import { eventually, startSenderChain, T1, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, refusing, revealOf, silent, TEST_SETTINGS, type SenderScene } from './sender-scene.js';
import { commitMined, firstOf, rowOf, untilWaiting } from './sender-steps.js';

const gwei = (amount: string): bigint => parseUnits(amount, 'gwei');

let chain: SenderChain;
let proxy: RpcProxy;
let endpoints: EndpointPool;
let scene: SenderScene;
/** Broadcasts that reached the node that is played. */
let broadcasts = 0;

beforeAll(async () => {
  chain = await startSenderChain();
  proxy = await startRpcProxy(chain.rpcUrl);
  endpoints = openEndpoints(proxy.url);
});
beforeEach(async () => {
  broadcasts = 0;
  await mineWithBaseFee('1');
});
afterEach(async () => {
  proxy.setFaults(null);
  await scene.close();
});
afterAll(async () => {
  endpoints.close();
  await proxy.close();
  await chain.stop();
});

async function mineWithBaseFee(amount: string): Promise<void> {
  await chain.provider.send('anvil_setNextBlockBaseFeePerGas', [toQuantity(gwei(amount))]);
  await chain.mine();
}

/** A node that refuses some transactions; all else it does. */
function refuseBroadcasts(why: (transaction: Transaction) => string | null): void {
  const faults: FaultSource = ({ method, params }) => {
    if (method !== 'eth_sendRawTransaction') return null;
    broadcasts += 1;
    const refused = why(Transaction.from(z.string().parse(params[0])));
    return refused === null ? null : { error: { code: -32_000, message: refused } };
  };
  proxy.setFaults(faults);
}

/** As go-ethereum with `--rpc.txfeecap`. */
function feeCapNode(capCoins: string): (transaction: Transaction) => string | null {
  const coins = (wei: bigint): string => Number(formatEther(wei)).toFixed(2);
  return ({ gasLimit, maxFeePerGas }) => {
    const cost = gasLimit * (maxFeePerGas ?? 0n);
    if (cost <= parseEther(capCoins)) return null;
    return `tx fee (${coins(cost)} ether) exceeds the configured cap (${coins(parseEther(capCoins))} ether)`;
  };
}

/** Each block only after the sender has tried again at the one before. */
async function passBlocks(count: number, baseFee: string): Promise<void> {
  for (let block = 0; block < count; block += 1) {
    const before = broadcasts;
    await mineWithBaseFee(baseFee);
    await eventually('it is broadcast again', async () => broadcasts > before);
  }
}

/** A sender over the proxy; its endpoint says that tips are `tip()`. */
async function startSender(tip: () => string = () => '1', changes: Partial<WalletRpc> = {}) {
  const sound = createWalletRpc(endpoints);
  const feeMarket: WalletRpc['feeMarket'] = async ({ baseFeePerGas }) => ({ baseFeePerGas, suggested: gwei(tip()) });
  return scene.startSender({ rpc: { ...sound, feeMarket, ...changes } });
}

describe('while no endpoint takes a transaction and reads work', () => {
  test('it is not raised for waiting, and lands at what the market asks for', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    refuseBroadcasts(() => 'overloaded');
    const sender = await startSender();
    const committed = sender.send(key);
    await eventually('it is signed', async () => broadcasts > 0);
    await passBlocks(TEST_SETTINGS.bumpAfterBlocks * 5, '1');
    const { attempts, note } = await rowOf(scene, key);
    expect(attempts).toHaveLength(1);
    expect(note).toMatch(/No endpoint takes the transaction: 127\.0\.0\.1:\d+ says "overloaded"/);

    proxy.setFaults(null);
    expect(await minedAt('1', committed)).toMatchObject({ result: 'mined' });
    expect(await paidOf(await committed)).toBeLessThanOrEqual(2n * gwei('2'));
    expect((await rowOf(scene, key)).note).toBeNull();
  });

  test('its offer follows the market up and down again', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    let tip = '1';
    refuseBroadcasts(() => 'overloaded');
    const sender = await startSender(() => tip);
    const committed = sender.send(key);
    await eventually('it is signed', async () => broadcasts > 0);
    tip = '20';
    await passBlocks(3, '10');
    expect((await rowOf(scene, key)).attempts.at(-1)).toMatchObject({ maxPriorityFeePerGas: gwei('20') });
    tip = '1';
    await passBlocks(3, '1');

    proxy.setFaults(null);
    expect(await paidOf(await minedAt('1', committed))).toBeLessThanOrEqual(2n * gwei('2'));
  });

  test('what a pool took before is out-bid, also when the market has fallen', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    let tip = '20';
    const sender = await startSender(() => tip);
    const committed = sender.send(key);
    const [hash] = await untilWaiting(chain, scene);
    refuseBroadcasts(() => 'overloaded');
    await chain.provider.send('anvil_dropTransaction', [hash]);
    tip = '1';
    await passBlocks(3, '1');
    await mineWithBaseFee('60');
    await eventually('it is offered for more', async () => (await rowOf(scene, key)).attempts.length > 1);

    const [first, ...others] = (await rowOf(scene, key)).attempts;
    if (!first) throw new Error('nothing is signed');
    for (const { maxFeePerGas, maxPriorityFeePerGas } of others) {
      expect(maxFeePerGas * 10n).toBeGreaterThanOrEqual(first.maxFeePerGas * 11n);
      expect(maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(first.maxPriorityFeePerGas * 11n);
    }
    proxy.setFaults(null);
    expect(await minedAt('60', committed)).toMatchObject({ result: 'mined' });
  });

  test('refused as underpriced, it is offered at the tip that the node asks for', async () => {
    scene = await openScene(chain);
    const least = gwei('7');
    refuseBroadcasts(({ maxPriorityFeePerGas }) =>
      (maxPriorityFeePerGas ?? 0n) < least
        ? `transaction underpriced: gas tip cap ${maxPriorityFeePerGas}, minimum needed ${least}`
        : null,
    );
    const sender = await startSender();
    const committed = sender.send(commitOf(firstOf(scene)));
    await untilWaiting(chain, scene);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
    const { attempts } = await rowOf(scene, commitOf(firstOf(scene)));
    expect(attempts.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas)).toEqual([gwei('1'), least]);
  });

  test('a pool that holds another of the nonce is out-bid', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sound = createWalletRpc(endpoints);
    const held = gwei('20');
    let tip = '20';
    // A pool has the first, but its answer was lost, and the endpoint that reads are asked of does not know it.
    const sender = await startSender(() => tip, {
      async broadcast(raw) {
        broadcasts += 1;
        const offered = Transaction.from(raw).maxPriorityFeePerGas ?? 0n;
        if (offered === held) return silent('the connection broke');
        return offered * 10n < held * 11n ? refusing('replacement transaction underpriced') : sound.broadcast(raw);
      },
    });
    const committed = sender.send(key);
    // Signed, and tried again at the same head: else that try is taken for the one at the next.
    await eventually('it is watched', async () => broadcasts > 1);
    tip = '1';
    await passBlocks(2, '1');
    await untilWaiting(chain, scene);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
    const tips = (await rowOf(scene, key)).attempts.map(({ maxPriorityFeePerGas }) => maxPriorityFeePerGas);
    expect(tips).toEqual([held, gwei('1'), (held * 11n) / 10n]);
  });
});

describe('a node that limits what one transaction may cost', () => {
  /** Asks for a reveal, of which the node takes 0.20 coins, when its window has come and blocks have this base fee. */
  async function askForReveal(baseFee: string) {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    refuseBroadcasts(feeCapNode('0.20'));
    const sender = await startSender();
    const round = await commitMined(chain, scene, sender, sequence);
    for (let block = 1; block < T1; block += 1) await mineWithBaseFee(baseFee);
    const key = revealOf(sequence, round);
    return { key, revealed: sender.send(key) };
  }

  test('gets a reveal at what fits, and the limit is in the row', async () => {
    const { key, revealed } = await askForReveal('150');
    const [hash = ''] = await untilWaiting(chain, scene);
    // Within 0.5 % of what the node takes: its cap is named with two decimals.
    const offered = await chain.provider.getTransaction(hash);
    const cost = (offered?.gasLimit ?? 0n) * (offered?.maxFeePerGas ?? 0n);
    expect(cost).toBeLessThanOrEqual(parseEther('0.20'));
    expect(cost).toBeGreaterThan(parseEther('0.19'));
    expect((await rowOf(scene, key)).attempts).toHaveLength(2);
    await mineWithBaseFee('150');
    expect(await revealed).toMatchObject({ result: 'mined' });
  });

  test('keeps a reveal that fits only below the base fee waiting, says so, and gets it when the fee falls', async () => {
    const { key, revealed } = await askForReveal('400');
    await eventually('it is refused', async () => broadcasts > 1);
    await passBlocks(5, '400');
    const { attempts, note } = await rowOf(scene, key);
    expect(attempts).toHaveLength(1);
    expect(note).toMatch(
      /exceeds the configured cap \(0\.20 ether\).*--rpc\.txfeecap 0.*raising a fee cap of this miner/,
    );

    await mineWithBaseFee('150');
    await untilWaiting(chain, scene);
    await mineWithBaseFee('150');
    expect(await revealed).toMatchObject({ result: 'mined' });
    expect((await rowOf(scene, key)).attempts).toHaveLength(2);
  });

  test('is named where it keeps a fee from being raised, and nothing above it is offered', async () => {
    const { key, revealed } = await askForReveal('150');
    await untilWaiting(chain, scene);
    await mineWithBaseFee('300');
    await eventually('the row says why it is not raised', async () =>
      Boolean((await rowOf(scene, key)).note?.includes('rpc.txfeecap')),
    );
    const { attempts } = await rowOf(scene, key);
    const fits = attempts[1]?.maxFeePerGas ?? 0n;
    expect(await minedAt('150', revealed)).toMatchObject({ result: 'mined' });
    expect(await paidOf(await revealed)).toBeLessThanOrEqual(fits);
  });
});

/** Mines until the step has ended. */
async function minedAt<Outcome>(baseFee: string, step: Promise<Outcome>): Promise<Outcome> {
  let ended = false;
  step.finally(() => (ended = true)).catch(() => undefined);
  await eventually('the step has ended', async () => {
    if (!ended) await mineWithBaseFee(baseFee);
    return ended;
  });
  return step;
}

async function paidOf({ transactionHash }: { transactionHash: string | null }): Promise<bigint> {
  const receipt = await chain.provider.getTransactionReceipt(transactionHash ?? '');
  if (!receipt) throw new Error('it is not mined');
  return receipt.gasPrice;
}
