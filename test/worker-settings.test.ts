import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { proverEnvironmentText } from '../scripts/miner/prover-environment.js';
import { ownProverProblems, proofSystemProblems } from '../platform/settings/proof-system-problems.js';
import { settings } from '../platform/settings/settings-table.js';
import { readSettings, readWorkerSettings } from '../platform/settings/settings.js';
import { runScript, type ScriptResult } from './scripts/run-script.js';

/** Runs a worker whose settings are wrong in every way that can be known before anything is connected. */
function runWorker(role: string, env: Record<string, string>): Promise<ScriptResult> {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-worker-settings-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const temporalConfig = join(directory, 'temporal.toml');
  writeFileSync(temporalConfig, '[profile');
  return runScript('workers/main.ts', [role], {
    ...{ ZKPOW_LOG_LEVEL: 'loud', TEMPORAL_CONFIG_FILE: temporalConfig, ZKPOW_HOME: directory },
    ...env,
  });
}

test('a sender names all that is wrong at once: log level, settings, Temporal and wallet', async () => {
  const { code, stderr } = await runWorker('sender', { ZKPOW_CHAIN_ID: 'mainnet', ZKPOW_CONFIRMATIONS: '0' });
  expect(code).toBe(2);
  for (const named of [
    ...['ZKPOW_LOG_LEVEL is "loud"', 'DATABASE_URL is not set', 'ZKPOW_RPC_URL is not set', 'ZKPOW_MINER is not set'],
    ...['ZKPOW_CHAIN_ID is "mainnet"', 'ZKPOW_CONFIRMATIONS is "0"', 'TEMPORAL_*: ', "miner's key is missing"],
  ]) {
    expect(stderr).toContain(named);
  }
  expect(stderr).toContain('8 settings are missing or wrong');
}, 60_000);

test('what a proof system lacks is told together with all else', () => {
  const wanted = settings.pick({ prover: true, proverCommand: true, forkId: true, slots: true, chainId: true });
  const read = (env: NodeJS.ProcessEnv) => () =>
    readWorkerSettings(env, wanted.partial({ proverCommand: true, forkId: true }), proofSystemProblems);
  const zkevm = read({ ZKPOW_PROVER: 'zkevm-prover', ZKPOW_SLOTS: '0', ZKPOW_LOG_LEVEL: 'loud' });
  expect(zkevm).toThrow(/LOG_LEVEL is "loud"[^]*SLOTS is "0"[^]*PROVER_COMMAND is not set[^]*FORK_ID is not set/);
  expect(read({ ZKPOW_PROVER: 'command' })).toThrow(/ZKPOW_PROVER_COMMAND is not set/);
  expect(read({ ZKPOW_PROVER: 'simulated', ZKPOW_CHAIN_ID: '1' })).toThrow(/local chains only/);
  expect(read({ ZKPOW_PROVER: 'simulated' })().given).toMatchObject({ prover: 'simulated', chainId: 31337 });
});

test('a development set-up is refused off local chains, and a prover that dials in is none to start here', () => {
  const texts = { prover: 'noir', trustedSetup: 'development', chainId: '1' };
  expect(proofSystemProblems(texts).join()).toContain('ZKPOW_TRUSTED_SETUP is development');
  expect(proofSystemProblems({ ...texts, trustedSetup: 'real' })).toEqual([]);
  expect(ownProverProblems({ ...texts, prover: 'zkevm-prover' }).join()).toContain('npm run worker -- gateway');
});

test('more than one slot is refused with noir, which makes one proof after the other', () => {
  const texts = { prover: 'noir', trustedSetup: 'real', chainId: '1', slots: '2' };
  expect(ownProverProblems(texts).join()).toContain('ZKPOW_SLOTS is 2: with ZKPOW_PROVER=noir');
  expect(ownProverProblems({ ...texts, slots: '1' })).toEqual([]);
  expect(ownProverProblems({ ...texts, prover: 'simulated', chainId: '31337' })).toEqual([]);
});

test.each(['stop', 'clean', 'setup-circuits'])(
  'npm run %s refuses an option that it does not know, and tells its options',
  async (script) => {
    expect(await runScript(`scripts/${script}.ts`, ['--nonsense'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("Unknown option '--nonsense'"),
    });
    const help = { code: 0, stdout: expect.stringContaining(`npm run ${script}`) };
    expect(await runScript(`scripts/${script}.ts`, ['--help'])).toMatchObject(help);
  },
  60_000,
);

test('add-prover prints what the mining machine needs, with what differs from the defaults', () => {
  const env = {
    ...{ TEMPORAL_ADDRESS: '10.0.0.1:7233', TEMPORAL_NAMESPACE: 'zkpow', ZKPOW_CHAIN_ID: '1338' },
    ...{ ZKPOW_PROVER: 'noir', ZKPOW_PRIVATE_KEY: 'hunter2' },
  };
  const text = proverEnvironmentText('rig-1', env, 'postgresql://rig:pw@10.0.0.1:5432/zkpow');
  expect(text.split('\n').slice(1)).toEqual([
    "export TEMPORAL_ADDRESS='10.0.0.1:7233'",
    "export TEMPORAL_NAMESPACE='zkpow'",
    "export DATABASE_URL='postgresql://rig:pw@10.0.0.1:5432/zkpow'",
    "export ZKPOW_CHAIN_ID='1338'",
    'npm run worker -- prover',
  ]);
  const local = proverEnvironmentText('rig-1', env, 'postgresql://rig:pw@127.0.0.1:5432/zkpow');
  expect(local).toContain('ZKPOW_LISTEN_ADDRESS');
});

/** The settings and the command in what `add-prover` prints, and whether the worker takes them. */
function printedFor(env: Record<string, string>) {
  const text = proverEnvironmentText('rig-1', env, 'postgresql://rig:pw@10.0.0.1:5432/zkpow');
  const printed = [...text.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name = '', value = '']): [string, string] => [
    name,
    value,
  ]);
  return { settings: Object.fromEntries(printed), command: /^npm run .*$/m.exec(text)?.[0] };
}

test('add-prover prints the settings of a prover command, which the worker then takes', () => {
  const env = { TEMPORAL_ADDRESS: '10.0.0.1:7233', ZKPOW_PROVER: 'command', ZKPOW_CHAIN_ID: '1' };
  const { settings: printed, command } = printedFor({ ...env, ZKPOW_PROVER_COMMAND: "/etc/it's.json" });
  expect(printed).toMatchObject({
    ZKPOW_PROVER: 'command',
    ZKPOW_CHAIN_ID: '1',
    ZKPOW_PROVER_COMMAND: "/etc/it'\\''s.json",
  });
  expect(command).toBe('npm run worker -- prover');
  // Where the miner has none of its own, the line says that one is needed.
  expect(printedFor(env).settings).toHaveProperty('ZKPOW_PROVER_COMMAND', 'FILE');
  expect(ownProverProblems({ prover: printed['ZKPOW_PROVER'], proverCommand: 'FILE', chainId: '1' })).toEqual([]);
});

test('add-prover prints the gateway and its settings where provers dial in', () => {
  const env = { TEMPORAL_ADDRESS: '10.0.0.1:7233', ZKPOW_PROVER: 'zkevm-prover', ZKPOW_FORK_ID: '9' };
  const { settings: printed, command } = printedFor({ ...env, ZKPOW_ROLLUP_TYPE: 'zkevm' });
  expect(command).toBe('npm run worker -- gateway');
  expect(printed).toEqual({
    TEMPORAL_ADDRESS: '10.0.0.1:7233',
    DATABASE_URL: 'postgresql://rig:pw@10.0.0.1:5432/zkpow',
    ...{ ZKPOW_FORK_ID: '9', ZKPOW_ROLLUP_TYPE: 'zkevm', ZKPOW_PROVER_COMMAND: 'FILE' },
    ZKPOW_GATEWAY_ADDRESS: 'ADDRESS:50081',
  });
});

test("no secret setting's value is in a log line, the sequencer's key neither", async () => {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'log.mts');
  const log = new URL('../platform/log.ts', import.meta.url).href;
  writeFileSync(
    file,
    `import { createLog } from '${log}';
    const env = process.env;
    createLog('x', 'info', env).info({ error: new Error(env.ZKPOW_SEQUENCER_KEY) }, 'has ' + env.ZKPOW_PRIVATE_KEY);`,
  );
  const { stdout } = await runScript(file, [], { ZKPOW_SEQUENCER_KEY: '0xhunter2', ZKPOW_PRIVATE_KEY: '0xswordfish' });
  expect(stdout).toContain('has (not shown)');
  expect(stdout).not.toMatch(/hunter2|swordfish/);
}, 60_000);

test('one confirmation is the least: a read of the head may be taken back', () => {
  const wanted = settings.pick({ confirmations: true });
  expect(readSettings({ ZKPOW_CONFIRMATIONS: '1' }, wanted).confirmations).toBe(1);
  expect(() => readSettings({ ZKPOW_CONFIRMATIONS: '0' }, wanted)).toThrow(/at least 1/);
});
