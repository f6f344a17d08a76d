import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { nodeProgram } from '../../local-stack/node-program.js';
import { openTestNamespace, TEST_WORKER, type TestNamespace } from '../support/temporal.js';
import { CHAIN_ID, eventually, startSenderChain, type SenderChain } from './chain-scene.js';
import type { commitOnce } from './ask-for-step.js';
import { commitOf, openScene, type SenderScene } from './sender-scene.js';
import { commitsOnChain, firstOf, rowOf, untilWaiting } from './sender-steps.js';

const MAIN = fileURLToPath(new URL('../../workers/main.ts', import.meta.url));
const QUEUE = 'asks-for-steps';
const logLine = z.looseObject({ msg: z.string() });

let chain: SenderChain;
let scene: SenderScene;
let temporal: TestNamespace;
const home = mkdtempSync(join(tmpdir(), 'zkpow-sender-'));

beforeAll(async () => {
  chain = await startSenderChain();
  scene = await openScene(chain);
  temporal = await openTestNamespace();
});
afterAll(async () => {
  await scene.close();
  await chain.stop();
  await temporal.close();
  rmSync(home, { recursive: true, force: true });
});

/** `npm run worker -- sender`; what it logs is kept. */
function startSenderProcess(): { process: ChildProcess; said: string[] } {
  const { command, args } = nodeProgram(MAIN, ['sender']);
  const sender = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], ZKPOW_HOME: home },
      ...{ TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: temporal.namespace },
      ...{ DATABASE_URL: scene.databaseUrl, ZKPOW_RPC_URL: chain.rpcUrl, ZKPOW_CHAIN_ID: String(CHAIN_ID) },
      ...{ ZKPOW_MINER: scene.wallet.address, ZKPOW_PRIVATE_KEY: scene.wallet.privateKey },
    },
  });
  onTestFinished(() => void sender.kill('SIGKILL'));
  const said: string[] = [];
  createInterface(sender.stdout).on('line', (line) => said.push(logLine.parse(JSON.parse(line)).msg));
  return { process: sender, said };
}

/** Takes the database away, with every session in it, as a server that stops does; returns what brings it back. */
async function takeDatabaseAway(): Promise<() => Promise<void>> {
  const admin = new pg.Client({ connectionString: inject('postgresUrl') });
  await admin.connect();
  const name = new URL(scene.databaseUrl).pathname.slice(1);
  const allow = (allowed: boolean) =>
    admin.query(`ALTER DATABASE ${pg.escapeIdentifier(name)} WITH ALLOW_CONNECTIONS ${allowed}`);
  await allow(false);
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  return async () => {
    await allow(true);
    await admin.end();
  };
}

test('a sender whose database was away leads again without being started again, and sends nothing twice', async () => {
  const { process: sender, said } = startSenderProcess();
  const times = (message: string) => said.filter((line) => line === message).length;
  await expect.poll(() => times('this sender leads')).toBe(1);

  const worker = await Worker.create({
    ...TEST_WORKER,
    ...{ connection: temporal.workerConnection, namespace: temporal.namespace, taskQueue: QUEUE },
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('ask-for-step.ts', import.meta.url)),
    }),
  });
  await worker.runUntil(async () => {
    const { workflow } = temporal.client;
    const request = { sequence: firstOf(scene), tryNumber: 1 };
    const asked = await workflow.start<typeof commitOnce>('commitOnce', {
      ...{ taskQueue: QUEUE, workflowId: 'commit', args: [scene.wallet.address, request] },
    });
    await untilWaiting(chain, scene);

    const bringBack = await takeDatabaseAway();
    await expect.poll(() => times('waiting for the lock of this wallet')).toBeGreaterThan(0);
    expect(times('leadership lost: this sender stops')).toBe(1);
    // It lands while nobody leads.
    await chain.mine();
    await bringBack();

    await expect.poll(() => times('this sender leads')).toBe(2);
    expect(await asked.result()).toBe('mined');
  });
  expect(await commitsOnChain(chain, scene)).toBe(1);
  await eventually('its row is written', async () => (await rowOf(scene, commitOf(firstOf(scene)))).state === 'mined');
  expect((await rowOf(scene, commitOf(firstOf(scene)))).attempts).toHaveLength(1);

  expect(sender.exitCode).toBeNull();
  sender.kill('SIGTERM');
  const [code] = await once(sender, 'exit');
  expect(code).toBe(0);
}, 120_000);
