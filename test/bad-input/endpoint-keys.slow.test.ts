import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { textOfHistory } from '../support/histories.js';
import { runScript, type ScriptResult } from '../scripts/run-script.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';
import {
  PATH_KEY,
  QUERY_KEY,
  REFUSALS,
  startRefusingEndpoint,
  type Refusal,
  type RefusingEndpoint,
} from './refusing-endpoint.js';

const ROLLUP = '0x5FbDB2315678afecb367f032d93F642f64180aa3';
const MINER = '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266';
const MINER_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
/** Holds a home for each program. */
const homes = mkdtempSync(join(tmpdir(), 'zkpow-keys-'));

let endpoint: RefusingEndpoint;
let database: TestDatabase;
let namespace: TestNamespace;

beforeAll(async () => {
  [endpoint, database, namespace] = await Promise.all([
    startRefusingEndpoint(),
    openTestDatabase(),
    openTestNamespace(),
  ]);
});
afterAll(async () => {
  rmSync(homes, { recursive: true });
  await namespace.close();
  await database.close();
  await endpoint.close();
});

const COMMANDS: [name: string, args: string[]][] = [
  ['status', []],
  ['status', ['--json']],
  ['explain', ['1', '--rollup', ROLLUP]],
  ['start-rollup', [ROLLUP]],
  ['start-sequence', ['1', '--rollup', ROLLUP]],
  ['sequence', ['go-on', '1', '--rollup', ROLLUP]],
  ['rollup', ['pause', ROLLUP]],
  ['rollup', ['pause', ROLLUP, '--contract']],
  ['miner', ['status', '--rollup', ROLLUP]],
  ['miner', ['deposit', '1', '--rollup', ROLLUP]],
  ['sequencer', ['examples/transfers.json']],
  ['stack', []],
  ['demo', ['--prover', 'simulated']],
];
const WORKERS = ['aggregator', 'sender'];

function settingsOf(rpcUrl: string): Record<string, string> {
  return {
    ...{
      ZKPOW_RPC_URL: rpcUrl,
      ZKPOW_HOME: join(homes, randomUUID()),
      ZKPOW_PROVER: 'simulated',
      ZKPOW_LOG_LEVEL: 'trace',
    },
    ...{ ZKPOW_ROLLUP: ROLLUP, ZKPOW_MINER: MINER, ZKPOW_PRIVATE_KEY: MINER_KEY },
    ...{ ZKPOW_SEQUENCER_KEY: MINER_KEY, ZKPOW_ADMIN_KEY: MINER_KEY },
    ...{ TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: namespace.namespace },
    DATABASE_URL: database.url,
  };
}

function expectNoKey(text: string): void {
  for (const key of [PATH_KEY, QUERY_KEY, MINER_KEY.slice(2)]) expect(text).not.toContain(key);
}

function run(program: string, args: readonly string[], rpcUrl: string): Promise<ScriptResult> {
  return runScript(program, args, settingsOf(rpcUrl));
}

/** Has a program refused so often that it has tried all it can; one that goes on nevertheless, as a worker does, is ended. */
async function runRefused(program: string, args: readonly string[], refusal: Refusal): Promise<ScriptResult> {
  const url = endpoint.url(refusal, true, randomUUID());
  const end = new AbortController();
  const often = refusal === 'silent' ? 1 : 40;
  void endpoint.afterRefusals(url, often).then(() => end.abort());
  const result = await runScript(program, args, settingsOf(url), undefined, end.signal);
  expect(endpoint.refusals(url)).toBeGreaterThan(0);
  return result;
}

test.concurrent.each(REFUSALS)('an endpoint that is %s is told of without its key', async (refusal) => {
  const url = endpoint.url(refusal);
  const end = new AbortController();
  if (refusal === 'silent') void endpoint.afterRefusals(url, 1).then(() => end.abort());
  const { stdout, stderr } = await runScript('scripts/status.ts', [], settingsOf(url), undefined, end.signal);
  if (refusal !== 'silent') expect(stderr).toContain('Cannot reach the base chain at 127.0.0.1');
  expectNoKey(stdout + stderr);
});

describe.each(['any status', 'silent'] as const)('an endpoint that serves its chain, then answers: %s', (refusal) => {
  test.concurrent.each(COMMANDS)('does not get its key told by %s %j', async (name, args) => {
    const { stdout, stderr } = await runRefused(`scripts/${name}.ts`, args, refusal);
    expectNoKey(stdout + stderr);
  });

  test.concurrent.each(WORKERS)('does not get its key told by the worker %s', async (role) => {
    const { stdout, stderr } = await runRefused('workers/main.ts', [role], refusal);
    for (const line of stdout.split('\n').filter(Boolean)) expect(JSON.parse(line)).toHaveProperty('level');
    expectNoKey(stdout + stderr);
  });
});

test.each(['wss://host', 'ws://host', 'host'])('%s is refused as an endpoint without its key', async (host) => {
  for (const [program, args] of [
    ['scripts/status.ts', []],
    ['scripts/sequencer.ts', ['examples/transfers.json']],
    ['workers/main.ts', ['aggregator']],
  ] as const) {
    const { code, stdout, stderr } = await run(program, args, `${host}/${PATH_KEY}?apikey=${QUERY_KEY}`);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toContain('ZKPOW_RPC_URL');
    expectNoKey(stdout + stderr);
  }
});

test('neither logs nor Temporal have kept a key', async () => {
  const logs = readdirSync(homes, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.log'));
  for (const name of logs) expectNoKey(readFileSync(join(homes, name), 'utf8'));
  for await (const { workflowId, runId } of namespace.client.workflow.list()) {
    expectNoKey(textOfHistory(await namespace.client.workflow.getHandle(workflowId, runId).fetchHistory()));
  }
});
