import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { upsertCircuits } from '../../activities/storage/circuits.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import { runScript, type ScriptResult } from '../scripts/run-script.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';

let database: TestDatabase;
let namespace: TestNamespace;
let loginUrl: string;
const cache = mkdtempSync(join(tmpdir(), 'zkpow-check-'));
const backend = createSimulatedBackend({});
const CIRCUITS = (['batch', 'aggregate', 'final'] as const).map((kind) => {
  return { proofSystem: backend.proofSystem, kind, circuitId: backend.circuitId(kind) };
});

beforeAll(async () => {
  database = await openTestDatabase();
  namespace = await openTestNamespace();
  loginUrl = proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig-1'));
});
afterAll(async () => {
  await namespace.close();
  await database.close();
  rmSync(cache, { recursive: true });
});

function runCheck(env: Record<string, string> = {}): Promise<ScriptResult> {
  return runScript('workers/main.ts', ['prover', '--check'], {
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    TEMPORAL_NAMESPACE: namespace.namespace,
    DATABASE_URL: loginUrl,
    ZKPOW_CACHE: cache,
    ZKPOW_PROVER: 'simulated',
    ZKPOW_SIMULATED_SECONDS: '0.01,0.01,0.01',
    ...env,
  });
}

test('a machine that has all it needs is told so, and what was found', async () => {
  await upsertCircuits(database.pool, CIRCUITS);
  const { code, stdout, stderr } = await runCheck();
  expect(stderr).toBe('');
  expect(code).toBe(0);
  for (const subject of [
    'processors',
    'memory',
    'disk',
    'Temporal',
    'database',
    'proof system',
    'circuits',
    'one proof',
  ]) {
    expect(stdout).toMatch(new RegExp(`^ok {6}${subject} `, 'm'));
  }
  expect(stdout).toMatch(/as prover rig-1/);
  expect(stdout).toMatch(/a batch proof of 64 bytes in \d+\.\d s, and it verifies/);
  expect(stdout).toMatch(/This machine can prove\.\n$/);
}, 60_000);

test('a machine of another version, with a wrong login and no Temporal is told all three', async () => {
  await upsertCircuits(
    database.pool,
    CIRCUITS.map((circuit) => ({ ...circuit, circuitId: '0xother' })),
  );
  const { code, stdout } = await runCheck({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^change {2}Temporal +Cannot reach Temporal at 127\.0\.0\.1:1 .*TEMPORAL_ADDRESS/m);
  expect(stdout).toMatch(/^change {2}circuits +other circuits than the aggregator's.*npm ci/m);
  expect(stdout).toMatch(/Not yet: 2 of \d things have to be changed\.\n$/);

  const wrong = await runCheck({ DATABASE_URL: database.url });
  expect(wrong.stdout).toMatch(/^change {2}database +.*not that of a prover.*add-prover NAME/m);
}, 120_000);

test('a machine of class gpu shows its cards; one without is told what to install or to set', async () => {
  await upsertCircuits(database.pool, CIRCUITS);
  const without = await runCheck({ ZKPOW_HARDWARE_CLASS: 'gpu', PATH: '' });
  expect(without.code).toBe(1);
  expect(without.stdout).toMatch(/^change {2}graphics cards +.*no card is found: install the driver/m);

  const program = join(cache, 'nvidia-smi');
  writeFileSync(program, '#!/bin/sh\necho "GPU-1, 24576, [N/A], Test Card 9000"\n');
  chmodSync(program, 0o755);
  const withCard = await runCheck({ ZKPOW_HARDWARE_CLASS: 'gpu', PATH: `${cache}:${process.env['PATH']}` });
  expect(withCard.stdout).toMatch(/^ok {6}graphics cards +Test Card 9000 with 24576 MiB, for 1 slot/m);
  expect(withCard.code).toBe(0);

  writeFileSync(program, '#!/bin/sh\necho "GPU-1, 24576, [N/A], Test Card 9000\nGPU-2 is lost"; exit 15\n');
  const lost = await runCheck({ ZKPOW_HARDWARE_CLASS: 'gpu', PATH: `${cache}:${process.env['PATH']}` });
  expect(lost.stdout).toMatch(/^change {2}graphics cards +nvidia-smi said: GPU-2 is lost; .*Usable: Test Card 9000/m);
}, 120_000);

test('settings that are wrong are told before anything is tried', async () => {
  const { code, stdout, stderr } = await runCheck({ ZKPOW_SLOTS: '0' });
  expect(code).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('ZKPOW_SLOTS is "0"');
}, 60_000);
