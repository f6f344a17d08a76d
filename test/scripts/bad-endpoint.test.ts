import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { insertRollup } from '../../activities/storage/rollups.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';
import { startTestRollup, type TestRollup } from '../support/test-rollup.js';
import { runScript } from './run-script.js';

let rollup: TestRollup;
let database: TestDatabase;
let temporal: TestNamespace;
let silent: Server;
beforeAll(async () => {
  [rollup, database, temporal] = await Promise.all([startTestRollup(), openTestDatabase(), openTestNamespace()]);
  const row = { ...rollup.ref, rollupType: 'counter', fromBlock: 0, startBatch: 1, following: true };
  await insertRollup(database.pool, row);
  await rollup.post('0x01');
  silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  silent.closeAllConnections();
  silent.close();
  await temporal.close();
  await database.close();
  await rollup.close();
});

function environment(rpcUrl: string): Record<string, string> {
  return {
    ...{ ZKPOW_HOME: '/nowhere', ZKPOW_RPC_URL: rpcUrl, ZKPOW_CHAIN_ID: '31337' },
    ...{ ZKPOW_MINER: rollup.miner.address, ZKPOW_PRIVATE_KEY: rollup.miner.privateKey },
    ...{ DATABASE_URL: database.url, ZKPOW_ROLLUP: rollup.ref.rollup },
    ...{ TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: temporal.namespace },
  };
}

test.each([
  ['status', []],
  ['explain', ['1']],
  ['start-sequence', ['1', '--no-wait']],
  ['miner', ['status']],
  ['rollup', ['pause']],
])('npm run %s: where the first endpoint is dead, the second one answers', async (name, args) => {
  const dead = 'http://127.0.0.1:9/0123456789abcdef';
  const { code, stdout, stderr } = await runScript(`scripts/${name}.ts`, args, environment(`${dead},${rollup.rpcUrl}`));
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout).not.toContain('0123456789abcdef');
  if (name === 'status') expect(stdout).toMatch(/127\.0\.0\.1:9 \(URL [0-9a-f]{8}\): PASSED OVER, .*ECONNREFUSED/);
});

test('npm run status ends where the only endpoint accepts and never answers', async () => {
  const address = silent.address();
  const place = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  const { code, stderr } = await runScript('scripts/status.ts', [], environment(`http://${place}`));
  expect(code).toBe(1);
  expect(stderr).toMatch(new RegExp(`Cannot reach the base chain at ${place} .*no answer within 10 s`));
});
