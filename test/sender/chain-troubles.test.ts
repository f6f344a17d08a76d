import { parseUnits, toQuantity } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createStepRows } from '../../activities/sender/step-rows.js';
import { createWalletRpc } from '../../activities/sender/wallet-rpc.js';
import { eventually, startSenderChain, T1, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, revealOf, TEST_SETTINGS, type SenderScene } from './sender-scene.js';
import {
  commitMined,
  commitsOnChain,
  firstOf,
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
beforeEach(() => mineWithBaseFee('1'));
afterEach(() => scene.close());
afterAll(() => chain.stop());

async function mineWithBaseFee(gwei: string): Promise<void> {
  await chain.provider.send('anvil_setNextBlockBaseFeePerGas', [toQuantity(parseUnits(gwei, 'gwei'))]);
  await chain.mine();
}

/** Another program with the same key spends a nonce, paying more. */
async function stealNonce(nonce: number): Promise<string> {
  const fee = parseUnits('50', 'gwei');
  const { address } = scene.wallet;
  const stolen = { to: address, nonce, maxFeePerGas: fee, maxPriorityFeePerGas: fee, gasLimit: 21_000 };
  return (await scene.wallet.sendTransaction(stolen)).hash;
}

describe('a transaction that does not land', () => {
  test('dropped from the pool: sent again with the same bytes', async () => {
    scene = await openScene(chain);
    const sender = await scene.startSender();
    const committed = sender.send(commitOf(firstOf(scene)));
    const [hash] = await untilWaiting(chain, scene);
    await chain.provider.send('anvil_dropTransaction', [hash]);
    await chain.mine();
    expect(await untilWaiting(chain, scene)).toEqual([hash]);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined', transactionHash: hash });
  });

  test('a base fee ten times as high: the same nonce, both fees higher by 10 % and more', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender();
    const committed = sender.send(key);
    const [hash = ''] = await untilWaiting(chain, scene);
    const spike = parseUnits('10', 'gwei');
    await mineWithBaseFee('10');

    await untilReplaced(chain, scene, hash);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
    const [before, after] = (await rowOf(scene, key)).attempts;
    if (!before || !after) throw new Error('there are not two attempts');
    expect(after.nonce).toBe(before.nonce);
    expect(after.maxFeePerGas * 10n).toBeGreaterThanOrEqual(before.maxFeePerGas * 11n);
    expect(after.maxPriorityFeePerGas * 10n).toBeGreaterThanOrEqual(before.maxPriorityFeePerGas * 11n);
    expect(after.maxFeePerGas).toBeGreaterThanOrEqual(spike);
  });

  test('a wallet that cannot pay twice the base fee offers what it can', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender();
    const committed = sender.send(key);
    const [hash = ''] = await untilWaiting(chain, scene);
    const gasLimit = (await chain.provider.getTransaction(hash))?.gasLimit ?? 0n;
    const payable = parseUnits('15', 'gwei');
    await chain.provider.send('anvil_setBalance', [scene.wallet.address, toQuantity(gasLimit * payable)]);
    await mineWithBaseFee('10');

    await untilReplaced(chain, scene, hash);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
    const offered = (await rowOf(scene, key)).attempts.map(({ maxFeePerGas }) => maxFeePerGas);
    expect(offered).toHaveLength(2);
    expect(offered.at(-1)).toBeLessThanOrEqual(payable);
  });

  test('a commit under its cap waits; a reveal behind it brings it up to the cap of reveals', async () => {
    scene = await openScene(chain, 2);
    const [sequence, second] = scene.sequences;
    if (!sequence || !second) throw new Error('two sequences were not posted');
    const settings = { ...TEST_SETTINGS, commitFeeCapWei: parseUnits('30', 'gwei'), bumpAfterBlocks: 1_000 };
    const sender = await scene.startSender({ settings });
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    const committed = sender.send(commitOf(second));
    await untilWaiting(chain, scene);

    await mineWithBaseFee('100');
    await eventually(
      'it is raised to its cap',
      async () => (await rowOf(scene, commitOf(second))).attempts.length === 2,
    );
    await chain.mine();
    await eventually('the row says that its cap is in the way', async () =>
      Boolean((await rowOf(scene, commitOf(second))).note?.includes('its fee cap is 30.0 gwei')),
    );
    const revealed = sender.send(revealOf(sequence, round));
    await untilWaiting(chain, scene, 2);
    await chain.mine();
    expect(await revealed).toMatchObject({ result: 'mined' });
    expect(await committed).toMatchObject({ result: 'mined' });
  });

  test('its nonce used by another program: a new nonce, once that is final', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender();
    const committed = sender.send(key);
    const [hash = ''] = await untilWaiting(chain, scene);
    const { nonce } = await rowOf(scene, key);
    await stealNonce(nonce ?? 0);
    await chain.mine();
    expect((await rowOf(scene, key)).nonce).toBe(nonce);

    await chain.mine(TEST_SETTINGS.confirmations);
    await untilReplaced(chain, scene, hash);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
    const row = await rowOf(scene, key);
    expect(row.nonce).toBe((nonce ?? 0) + 1);
    expect(row.attempts.map((attempt) => attempt.nonce)).toEqual([nonce, row.nonce]);
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });
});

describe('an endpoint that is far behind', () => {
  test('takes over for a while: no nonce is filled, nothing is raised, and no block is searched', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sound = createWalletRpc(chain.endpoints);
    // Before the deposit, which is a transaction of the wallet that no row knows.
    let behind = (await chain.blockNumber()) - 12;
    let lags = false;
    let looks = 0;
    let searched = 0;
    const sender = await scene.startSender({
      rpc: {
        ...sound,
        async head() {
          if (!lags) return sound.head();
          looks += 1;
          behind += looks % 10 === 0 ? 1 : 0;
          return { number: behind, hash: (await sound.blockHash(behind)) ?? '0x', baseFeePerGas: 1n };
        },
        transactionCount: (wallet, block) => sound.transactionCount(wallet, lags ? (block ?? behind) : block),
        transactionsIn: async (block) => {
          searched += 1;
          return sound.transactionsIn(block);
        },
      },
    });
    await commitMined(chain, scene, sender, firstOf(scene));
    lags = true;
    await eventually('it is looked at often', async () => looks > 60);
    lags = false;
    expect(searched).toBe(0);
    const { rows } = await scene.pool.query(`SELECT step, state FROM transactions`);
    expect(rows).toEqual([{ step: 'commit', state: 'mined' }]);
    expect((await rowOf(scene, key)).attempts).toHaveLength(1);
    expect(await chain.waiting(scene.wallet.address)).toEqual([]);
  });
});

describe('a reorg', () => {
  test('takes a commit back: in flight again, and the same bytes are sent', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    await commitMined(chain, scene, sender, sequence);
    const [{ hash } = { hash: '' }] = (await rowOf(scene, commitOf(sequence))).attempts;
    await chain.reorg(1);

    const steps = createStepRows(scene.pool);
    expect(await steps.inFlight(sequence, scene.wallet.address, async () => false)).toMatchObject({ step: 'commit' });
    expect(await untilWaiting(chain, scene)).toEqual([hash]);
    await chain.mine();
    await untilState(scene, commitOf(sequence), 'mined');
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });

  test('deeper than the confirmations: what was final is watched again', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    const sender = await scene.startSender();
    await commitMined(chain, scene, sender, firstOf(scene));
    await chain.mine(TEST_SETTINGS.confirmations);
    await untilState(scene, key, 'final');

    await chain.reorg(TEST_SETTINGS.confirmations + 1);
    await untilWaiting(chain, scene);
    await chain.mine();
    await untilState(scene, key, 'mined');
    expect((await rowOf(scene, key)).attempts).toHaveLength(1);
  });

  test('takes a foreign transaction away: the gap before a waiting one is closed', async () => {
    scene = await openScene(chain);
    const key = commitOf(firstOf(scene));
    await stealNonce(await scene.wallet.getNonce());
    await chain.mine();
    const sender = await scene.startSender();
    await commitMined(chain, scene, sender, firstOf(scene));
    await chain.reorg(2);
    await untilState(scene, key, 'pending');

    await eventually('the gap is closed', async () => {
      await chain.mine();
      const filled = await scene.pool.query(
        `SELECT 1 FROM transactions WHERE step = 'fill-nonce' AND mined_status = 1`,
      );
      return filled.rowCount === 1;
    });
    await eventually('the commit is mined', async () => {
      await chain.mine();
      return ['mined', 'final'].includes((await rowOf(scene, key)).state);
    });
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });
});
