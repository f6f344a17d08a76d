import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEther } from 'ethers';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { EASY_POLICY } from '../domain/miner-policy.js';
import { configurationFiles } from '../scripts/write-configuration.js';
import { minerPolicy, policySettings } from '../platform/settings/policy-settings.js';
import { settings } from '../platform/settings/settings-table.js';
import { infoOf, readSettings, readTemporalSettings, SettingsError } from '../platform/settings/settings.js';
import { problemsOf } from './support/settings-problems.js';

describe('readSettings', () => {
  test('takes defaults for what is not set, and for what is set to nothing', () => {
    const wanted = settings.pick({ home: true, chainId: true, slots: true });
    expect(readSettings({ ZKPOW_SLOTS: ' ' }, wanted)).toEqual({ home: '.zkpow', chainId: 31337, slots: 1 });
  });

  test('parses values into their types', () => {
    const wanted = settings.pick({ rpcUrls: true, miner: true, simulatedSeconds: true, maxOpenSequences: true });
    const env = {
      ZKPOW_RPC_URL: 'http://one:8545, https://two/key',
      ZKPOW_MINER: '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266',
      ZKPOW_SIMULATED_SECONDS: '0.5,2,3',
      ZKPOW_MAX_OPEN_SEQUENCES: '7',
    };
    expect(readSettings(env, wanted)).toEqual({
      rpcUrls: ['http://one:8545', 'https://two/key'],
      miner: '0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266',
      simulatedSeconds: { batch: 0.5, aggregate: 2, final: 3 },
      maxOpenSequences: 7,
    });
  });

  test('reads weights of rollups by their address', () => {
    const wanted = settings.pick({ rollupWeights: true });
    const [one, other] = ['0x5FbDB2315678afecb367f032d93F642f64180aa3', '0x70997970C51812dc3A010C7d01b50e0d17dc79C8'];
    const read = (text: string) => [...readSettings({ ZKPOW_ROLLUP_WEIGHTS: text }, wanted).rollupWeights];
    expect(read('')).toEqual([]);
    expect(read(`${one.toLowerCase()}=3, ${other}=0.5`)).toEqual([
      [one, 3],
      [other, 0.5],
    ]);
    for (const wrong of ['3', `${one}=0`, `${one}=much`, `${one}=1=2`])
      expect(() => read(wrong)).toThrow(SettingsError);
  });

  test("reads a miner's policy, none of which has to be set", () => {
    const wanted = z.object(policySettings).partial();
    const read = (env: NodeJS.ProcessEnv, decimals = 18) => minerPolicy(readSettings(env, wanted), decimals);
    expect(read({ ZKPOW_LARGEST_LOSS: '' })).toEqual(EASY_POLICY);
    const env = {
      ZKPOW_RESERVE_PER_COMMITMENT: '25',
      ZKPOW_LARGEST_LOSS: '12.5',
      ZKPOW_SHORTEST_T2_BLOCKS: '20',
      ZKPOW_LEAST_REWARD_PER_GAS_COST: '1.5',
    };
    expect(read(env)).toEqual({
      reserveWei: parseEther('25'),
      limits: {
        largestLossWei: parseEther('12.5').toString(),
        shortestT2Blocks: 20,
        leastRewardPerGasCost: 1.5,
        waitsForChanges: false,
      },
    });
    expect(read(env, 6)).toMatchObject({ reserveWei: 25_000_000n, limits: { largestLossWei: '12500000' } });
    expect(() => read(env, 0)).toThrow("ZKPOW_LARGEST_LOSS: 12.5 is finer than the pool's token, which has no digits");
    const wrong = Object.fromEntries(Object.keys(env).map((name) => [name, '-1']));
    expect(problemsOf(() => read(wrong))).toHaveLength(4);
  });

  test('lists every missing and wrong setting at once, each with what was expected', () => {
    const wanted = settings.pick({ databaseUrl: true, chainId: true, hardwareClass: true, slots: true, miner: true });
    const env = { ZKPOW_CHAIN_ID: 'mainnet', ZKPOW_HARDWARE_CLASS: 'tpu', ZKPOW_SLOTS: '0', ZKPOW_MINER: '0x12' };
    const problems = problemsOf(() => readSettings(env, wanted));
    expect(problems).toHaveLength(5);
    expect(problems.join('\n')).toContain('ZKPOW_CHAIN_ID is "mainnet": expected a whole number, at least 1');
    expect(problems.join('\n')).toContain('ZKPOW_HARDWARE_CLASS is "tpu": expected cpu or gpu');
    expect(problems.join('\n')).toContain('ZKPOW_SLOTS is "0": expected a whole number from 1 to 256');
    expect(problems.join('\n')).toContain('ZKPOW_MINER is "0x12": expected an address');
    expect(problems.join('\n')).toContain('DATABASE_URL is not set: expected postgresql://');
  });

  test('refuses an address whose checksum is wrong', () => {
    const env = { ZKPOW_MINER: '0xF39fd6e51aad88F6F4ce6aB8827279cffFb92266' };
    expect(problemsOf(() => readSettings(env, settings.pick({ miner: true })))).toHaveLength(1);
  });

  test('never shows the value of a secret', () => {
    const env = {
      ZKPOW_PRIVATE_KEY: '0xdeadbeef',
      DATABASE_URL: 'mysql://user:hunter2@host/db',
      ZKPOW_RPC_URL: 'ftp://key',
    };
    const wanted = settings.pick({ privateKey: true, databaseUrl: true, rpcUrls: true });
    const text = problemsOf(() => readSettings(env, wanted)).join('\n');
    expect(text).toMatch(/ZKPOW_PRIVATE_KEY is \(not shown\)/);
    expect(text).not.toMatch(/deadbeef|hunter2|:\/\/key/);
  });

  test('lets a program do without a setting that others require', () => {
    const wanted = settings.pick({ databaseUrl: true }).partial({ databaseUrl: true });
    expect(readSettings({}, wanted).databaseUrl).toBeUndefined();
    expect(problemsOf(() => readSettings({ DATABASE_URL: 'nonsense' }, wanted))).toHaveLength(1);
  });
});

describe('readTemporalSettings', () => {
  test('reads the standard variables', () => {
    const { connectionOptions, namespace } = readTemporalSettings({
      TEMPORAL_ADDRESS: 'host:7233',
      TEMPORAL_NAMESPACE: 'n',
    });
    expect(connectionOptions.address).toBe('host:7233');
    expect(namespace).toBe('n');
  });

  test('names a configuration that cannot be read', () => {
    const env = { TEMPORAL_CONFIG_FILE: fileURLToPath(import.meta.url) };
    expect(problemsOf(() => readTemporalSettings(env)).join()).toContain('TEMPORAL_*');
  });
});

describe('the table of settings', () => {
  const infos = Object.entries(settings.shape).map(([name, schema]) => infoOf(name, schema));

  test('gives every setting a variable of its own', () => {
    expect(new Set(infos.map((info) => info.env)).size).toBe(infos.length);
  });

  test('has only defaults that are right values', () => {
    for (const schema of Object.values(settings.shape)) {
      const { env, default: value } = infoOf('', schema);
      if (typeof value === 'string') expect(schema.safeParse(value).success, env).toBe(true);
    }
  });

  test.each(Object.entries(configurationFiles()))('is what %s shows', (path, content) => {
    const file = join(fileURLToPath(new URL('..', import.meta.url)), path);
    expect(readFileSync(file, 'utf8'), 'run: npx tsx scripts/write-configuration.ts').toBe(content);
  });
});
