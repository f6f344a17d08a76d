import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defaultCacheDirectory, openArtifactCache } from '../../platform/artifact-cache.js';

let directory: string;
let messages: string[];
const log = (message: string): void => void messages.push(message);

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'zkpow-cache-test-'));
  messages = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the artifact cache', () => {
  test('makes a file once, also for several who ask at the same time', async () => {
    let made = 0;
    const make = async (): Promise<string> => `made ${++made}`;
    const caches = [1, 2, 3].map(() => openArtifactCache(directory, log));
    const contents = await Promise.all(caches.map((cache) => cache.content('keys/a', make)));
    expect(contents.map(String)).toEqual(['made 1', 'made 1', 'made 1']);
    expect(String(await openArtifactCache(directory, log).content('keys/a', make))).toBe('made 1');
  });

  test('notices a corrupted file, names it and makes it again', async () => {
    const cache = openArtifactCache(directory, log);
    const path = await cache.file('key', (target) => writeFile(target, 'good'));
    await writeFile(path, 'bad');
    await cache.file('key', (target) => writeFile(target, 'good'));
    expect(await readFile(path, 'utf8')).toBe('good');
    expect(messages).toEqual([expect.stringContaining(`${path} is corrupted`)]);
  });

  test('leaves nothing behind when making fails, and tries again the next time', async () => {
    const cache = openArtifactCache(directory, log);
    const failing = cache.file('key', async (path) => {
      await writeFile(path, 'half');
      throw new Error('disk full');
    });
    await expect(failing).rejects.toThrow('disk full');
    expect(await readdir(directory)).toEqual([]);
    expect(String(await cache.content('key', async () => 'whole'))).toBe('whole');
  });

  test('lies where the environment says', () => {
    expect(defaultCacheDirectory({ ZKPOW_CACHE: '/a' })).toBe('/a');
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: '/b' })).toBe('/b/zkpow');
    expect(defaultCacheDirectory({ XDG_CACHE_HOME: 'relative' })).toMatch(/\.cache\/zkpow$/);
  });
});
