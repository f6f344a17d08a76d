import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileContracts, contractNamed, defaultCacheDirectory } from '../../contracts/compile.js';

let cacheDirectory: string;

beforeEach(() => {
  cacheDirectory = mkdtempSync(join(tmpdir(), 'zkpow-solidity-'));
});

afterEach(() => {
  rmSync(cacheDirectory, { recursive: true });
});

test('a damaged cache entry is made again', async () => {
  const whole = await compileContracts();
  for (const file of readdirSync(defaultCacheDirectory())) {
    writeFileSync(join(cacheDirectory, file), '{"ZkPowRollup":{"abi":[],"byte');
  }
  expect(await compileContracts({ cacheDirectory })).toEqual(whole);
});

test('a mistake in a source is told in the words of the compiler, and nothing is cached', async () => {
  const broken = compileContracts({ cacheDirectory, extraSources: { Broken: 'contract Broken { uint x = }' } });
  await expect(broken).rejects.toThrow(/ParserError[^]*generated\/Broken\.sol:1/);
  expect(readdirSync(cacheDirectory)).toEqual([]);
});

test('a missing contract is named with those that are there', async () => {
  const contracts = await compileContracts();
  expect(() => contractNamed(contracts, 'Nowhere')).toThrow(/no contract Nowhere .*ZkPowRollup/);
});
