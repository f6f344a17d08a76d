import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bn254 } from '@noble/curves/bn254.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArtifactCache } from '../../platform/artifact-cache.js';
import { REAL_G2_POINT, solidityWithSetup, writeBbWithSetup } from '../../provers/backends/noir/development-bb.js';
import { powersOfTau } from '../../provers/backends/noir/development-srs-points.js';
import { openTrustedSetup } from '../../provers/backends/noir/trusted-setup.js';

const silent = (): void => undefined;
const otherPoint = Buffer.alloc(128, 7);
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkpow-setup-test-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the development set-up', () => {
  test.each([1, 56, 31_336, 31_347])('is refused on chain %i, before anything is made', async (chainId) => {
    const cache = openArtifactCache(directory, silent);
    const opening = openTrustedSetup('development', chainId, cache, silent);
    await expect(opening).rejects.toThrow(new RegExp(`not for chain ${chainId}: its secret is public`));
  });

  test('consists of the powers of its secret times the generator', () => {
    const tau = 0x1d2c3b4a59687766554433221100ffeeddccbbaa99887766554433221100abcdn;
    const count = 2100;
    const bytes = Buffer.from(powersOfTau(tau, 0, count));
    const scalars = bn254.fields.Fr;
    for (const i of [0, 1, 2, 1000, 2047, 2048, count - 1]) {
      const { x, y } = bn254.G1.Point.BASE.multiply(scalars.pow(tau, BigInt(i))).toAffine();
      const expected = x.toString(16).padStart(64, '0') + y.toString(16).padStart(64, '0');
      expect(bytes.toString('hex', 64 * i, 64 * (i + 1)), `power ${i}`).toBe(expected);
    }
    expect(Buffer.from(powersOfTau(tau, 2090, 10))).toEqual(bytes.subarray(64 * 2090, 64 * 2100));
  });
});

describe('a copy of bb for another set-up', () => {
  const executable = (...points: Uint8Array[]): Promise<string> => {
    const path = join(directory, 'bb');
    const parts = points.flatMap((point) => [Buffer.from('code'), point]);
    return writeFile(path, Buffer.concat([...parts, Buffer.from('more code')])).then(() => path);
  };

  test('differs in the one point, and can be run', async () => {
    const copy = join(directory, 'copy');
    await writeBbWithSetup(await executable(REAL_G2_POINT), otherPoint, copy);
    expect(await readFile(copy)).toEqual(await readFile(await executable(otherPoint)));
    expect((await stat(copy)).mode & 0o111).toBe(0o111);
  });

  test.each([
    ['nowhere', []],
    ['more than once', [REAL_G2_POINT, REAL_G2_POINT]],
  ])('is not made where the point stands %s', async (where, points) => {
    const making = writeBbWithSetup(await executable(...points), otherPoint, join(directory, 'copy'));
    await expect(making).rejects.toThrow(`holds the point of the real trusted set-up ${where}`);
  });
});

describe('a Solidity verifier for another set-up', () => {
  const numbers = [0, 32, 64, 96].map((start) => `0x${Buffer.from(REAL_G2_POINT).toString('hex', start, start + 32)}`);

  test('has the four numbers replaced', () => {
    const others = solidityWithSetup(numbers.join(' '), otherPoint).split(' ');
    expect(others).toEqual(numbers.map(() => `0x${'07'.repeat(32)}`));
  });

  test('is not made from a source that has one of them more than once or not at all', () => {
    expect(() => solidityWithSetup([...numbers, ...numbers].join(), otherPoint)).toThrow('2 times, expected once');
    expect(() => solidityWithSetup(numbers.slice(1).join(), otherPoint)).toThrow('0 times, expected once');
  });
});

describe('the real set-up', () => {
  const pathBefore = process.env.CRS_PATH;
  afterEach(() => {
    if (pathBefore === undefined) delete process.env.CRS_PATH;
    else process.env.CRS_PATH = pathBefore;
  });

  test('is not taken from a file that is missing, too short or of another secret', async () => {
    const opening = (): Promise<unknown> => openTrustedSetup('real', 1, openArtifactCache(directory, silent), silent);
    process.env.CRS_PATH = directory;
    await expect(opening()).rejects.toThrow('bn254_g1.dat cannot be read');
    const path = join(directory, 'bn254_g1.dat');
    await writeFile(path, powersOfTau(5n, 0, 4));
    await expect(opening()).rejects.toThrow('256 bytes, expected at least 134217792');
    await truncate(path, 134_217_792);
    await expect(opening()).rejects.toThrow('does not hold the real trusted set-up');
  });
});
