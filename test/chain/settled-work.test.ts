import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { openEndpoints } from '../support/endpoints.js';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { markSettledWork } from '../../activities/chain/settled-work.js';
import { insertRollup } from '../../activities/storage/rollups.js';
import { startRetention } from '../../workers/miner/retention.js';
import { CHAIN_ID, startSenderChain, T1, T2, type SenderChain } from '../sender/chain-scene.js';
import { openScene, revealOf, TEST_SETTINGS, type SenderScene } from '../sender/sender-scene.js';
import { commitMined, minedOnceWaiting } from '../sender/sender-steps.js';

const { confirmations } = TEST_SETTINGS;

let chain: SenderChain;
let scene: SenderScene;
let rpc: ChainRpc;
let endpoints: EndpointPool;
beforeAll(async () => {
  chain = await startSenderChain();
  endpoints = openEndpoints(chain.rpcUrl);
  rpc = createChainRpc(endpoints);
});
afterEach(() => scene.close());
afterAll(async () => {
  endpoints.close();
  await chain.stop();
});

/** Whether the final proof of each sequence may go, in order. */
async function settledFinals(): Promise<boolean[]> {
  const { rows } = await scene.pool.query<{ settled: boolean }>(
    'SELECT settled_at IS NOT NULL AS settled FROM final_proofs ORDER BY last_batch',
  );
  return rows.map(({ settled }) => settled);
}

test('a final proof is settled when its acceptance is final; one whose hash stands open is kept', async () => {
  scene = await openScene(chain, 2);
  const [first, second] = scene.sequences;
  if (!first || !second) throw new Error('two were posted');
  const rollup = { chainId: CHAIN_ID, rollup: scene.rollup };
  const sender = await scene.startSender();
  const round = await commitMined(chain, scene, sender, first);
  await commitMined(chain, scene, sender, second);
  await chain.mine(T1);
  await minedOnceWaiting(chain, scene, sender.send(revealOf(first, round)));
  await markSettledWork({ rpc, pool: scene.pool }, rollup, confirmations);
  expect(await settledFinals()).toEqual([false, false]);

  await chain.mine(confirmations);
  await markSettledWork({ rpc, pool: scene.pool }, rollup, confirmations);
  expect(await settledFinals()).toEqual([true, false]);

  // The round of the second lapses: its proof serves the next one.
  await chain.mine(T1 + T2);
  await markSettledWork({ rpc, pool: scene.pool }, rollup, confirmations);
  expect(await settledFinals()).toEqual([true, false]);
});

test('an aggregator deletes what is settled by itself, and leaves what is not', async () => {
  scene = await openScene(chain, 2);
  const [first] = scene.sequences;
  if (!first) throw new Error('two were posted');
  const row = { chainId: CHAIN_ID, rollup: scene.rollup, rollupType: 'transfers', fromBlock: 0 };
  await insertRollup(scene.pool, { ...row, startBatch: 1, following: true });
  const sender = await scene.startSender();
  const round = await commitMined(chain, scene, sender, first);
  await chain.mine(T1);
  await minedOnceWaiting(chain, scene, sender.send(revealOf(first, round)));

  const { pool, finals } = scene;
  const log = pino({ level: 'silent' });
  const retention = startRetention({ pool, rpc, finals, log, confirmations, settledForMs: 0, intervalMs: 50 });
  try {
    await chain.mine(confirmations);
    await expect.poll(settledFinals).toEqual([false]);
    expect(await finals.list(first, scene.wallet.address)).toEqual([]);
  } finally {
    await retention.stop();
  }
});
