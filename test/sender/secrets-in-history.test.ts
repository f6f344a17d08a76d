import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { encryptKeystoreJson } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createSenderActivities } from '../../activities/sender/create-sender-activities.js';
import { openWallet } from '../../activities/sender/wallet.js';
import { AGGREGATOR_QUEUE, chainQueue, chainWaitsQueue, senderQueue, sequenceWorkflowId } from '../../domain/names.js';
import { progressQuery } from '../../workflows/messages.js';
import { sequenceWorkflow } from '../../workflows/sequence-workflow.js';
import { textOfHistory } from '../support/histories.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import { openTestChain, type TestChain } from '../support/test-chain.js';
import { CHAIN_ID, startSenderChain, type SenderChain } from './chain-scene.js';
import { openScene, type SenderScene } from './sender-scene.js';

const PASSWORD = 'open sesame';
const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));

let temporal: TestNamespace;
let chain: SenderChain;
let directory: string;
let scene: SenderScene;
let reader: TestChain;

beforeAll(async () => {
  [temporal, chain] = await Promise.all([openTestNamespace(), startSenderChain()]);
  directory = await mkdtemp(join(tmpdir(), 'zkpow-secrets-'));
});
afterAll(async () => {
  await temporal.close();
  await chain.stop();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  scene = await openScene(chain);
  const { databaseUrl: url, pool } = scene;
  reader = openTestChain({ url, pool, close: () => pool.end() }, chain.rpcUrl);
  reader.reader.start();
});
afterEach(async () => {
  await reader.close();
  await scene.close();
});

/** The scene's wallet, as a sender opens it: a keystore and a file with its password. */
async function openFromKeystore(): ReturnType<typeof openWallet> {
  const { address, privateKey } = scene.wallet;
  const [keystoreFile, passwordFile] = [join(directory, 'keystore.json'), join(directory, 'password')];
  // A weak key derivation, so that the test is quick.
  const weak = { scrypt: { N: 2, r: 1, p: 1 } };
  await writeFile(keystoreFile, await encryptKeystoreJson({ address, privateKey }, PASSWORD, weak));
  await writeFile(passwordFile, `${PASSWORD}\n`);
  return openWallet({ keystoreFile, passwordFile }, address);
}

async function setBalance(wei: bigint): Promise<void> {
  await chain.provider.send('anvil_setBalance', [scene.wallet.address, `0x${wei.toString(16)}`]);
}

test("neither the wallet's key nor its password is in a sequence's history, also where the sender refused", async () => {
  const [sequence] = scene.sequences;
  if (!sequence) throw new Error('one was posted');
  const { address, privateKey } = scene.wallet;
  const sender = await scene.startSender({ wallet: await openFromKeystore() });
  const shared = { connection: temporal.workerConnection, namespace: temporal.namespace, ...TEST_WORKER };
  const activities = { ...createSenderActivities(sender) };
  const workers = await Promise.all([
    Worker.create({ ...shared, taskQueue: AGGREGATOR_QUEUE, workflowsPath }),
    Worker.create({ ...shared, taskQueue: chainQueue(CHAIN_ID), activities: { ...reader.activities } }),
    Worker.create({ ...shared, taskQueue: chainWaitsQueue(CHAIN_ID), activities: { ...reader.activities } }),
    Worker.create({ ...shared, taskQueue: senderQueue(CHAIN_ID, address), activities }),
  ]);
  const runs = workers.map((worker) => worker.run());
  try {
    const balance = await chain.provider.getBalance(address);
    await setBalance(1n);
    const handle = await temporal.client.workflow.start(sequenceWorkflow, {
      ...{ taskQueue: AGGREGATOR_QUEUE, workflowId: sequenceWorkflowId(sequence) },
      args: [{ sequence, miner: address }],
    });
    const progress = () => handle.query(progressQuery);
    await expect.poll(async () => (await progress()).alarm, { timeout: 30_000 }).toContain(`Wallet ${address} holds`);
    await setBalance(balance);
    await chain.mine();
    await expect.poll(async () => (await progress()).alarm, { timeout: 30_000 }).toBeNull();

    /** A block where one is waited for, and never one that would use up the time of a step. */
    const mineIfWaitedFor = async (): Promise<void> => {
      const { stage, round } = await progress();
      const hashWindowRuns = (await chain.blockNumber()) + 1 < (round?.revealStart ?? 0);
      const isWaitedFor = stage === 'finality' || (stage === 'hash window' && hashWindowRuns);
      if (isWaitedFor || (await chain.waiting(address)).length > 0) await chain.mine();
    };
    const status = async (): Promise<string> => {
      await mineIfWaitedFor();
      return (await handle.describe()).status.name;
    };
    await expect.poll(status, { timeout: 60_000 }).toBe('COMPLETED');
    expect(await handle.result()).toBe('rewarded');

    const text = textOfHistory(await handle.fetchHistory()).toLowerCase();
    // What was sent and what was refused are found, so a secret would be.
    for (const told of [`wallet ${address} holds`, 'proofhash, try 1', '"transactionhash":']) {
      expect(text).toContain(told.toLowerCase());
    }
    expect(text).not.toContain(privateKey.slice(2).toLowerCase());
    expect(text).not.toContain(PASSWORD);
  } finally {
    workers.forEach((worker) => worker.shutdown());
    await Promise.all(runs);
  }
}, 120_000);
