import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compileContracts, contractNamed } from '../../contracts/compile.js';
import { defaultCacheDirectory } from '../../platform/artifact-cache.js';

let cacheDirectory: string;

beforeEach(() => {
  cacheDirectory = mkdtempSync(join(tmpdir(), 'zkpow-solidity-'));
});

afterEach(() => {
  rmSync(cacheDirectory, { recursive: true });
});

test('a cached result that is not the stored one is made again, though it reads well', async () => {
  const whole = await compileContracts();
  const directory = join(cacheDirectory, 'solidity');
  cpSync(join(defaultCacheDirectory(), 'solidity'), directory, { recursive: true });
  const forged = JSON.stringify({ ...whole, ZkPowRollup: { abi: [], bytecode: '0x00' } });
  for (const file of readdirSync(directory)) if (file.endsWith('.json')) writeFileSync(join(directory, file), forged);
  expect(await compileContracts({ cacheDirectory })).toEqual(whole);
}, 240_000);

test('a mistake in a source is told in the words of the compiler, and nothing is cached', async () => {
  const broken = compileContracts({ cacheDirectory, extraSources: { Broken: 'contract Broken { uint x = }' } });
  await expect(broken).rejects.toThrow(/ParserError[^]*generated\/Broken\.sol:1/);
  expect(readdirSync(join(cacheDirectory, 'solidity'))).toEqual([]);
});

test('a missing contract is named with those that are there', async () => {
  const contracts = await compileContracts();
  expect(() => contractNamed(contracts, 'Nowhere')).toThrow(/no contract Nowhere .*ZkPowRollup/);
});
