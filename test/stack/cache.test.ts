import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cachedDirectory } from '../../local-stack/cache.js';
import { deleteOwnDirectory, makeOwnDirectory } from '../../local-stack/home.js';

function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-cache-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('two who want the same make it once', async () => {
  const cache = temporaryDirectory();
  let made = 0;
  const make = async (directory: string) => {
    made += 1;
    await new Promise(setImmediate);
    writeFileSync(join(directory, 'file'), 'whole');
  };
  const paths = await Promise.all([cachedDirectory(cache, 'thing', make), cachedDirectory(cache, 'thing', make)]);
  expect(made).toBe(1);
  expect(paths).toEqual([join(cache, 'thing'), join(cache, 'thing')]);
  expect(readFileSync(join(cache, 'thing', 'file'), 'utf8')).toBe('whole');
});

test('what was left half-made is thrown away', async () => {
  const cache = temporaryDirectory();
  mkdirSync(join(cache, 'thing.new-1'));
  const failing = cachedDirectory(cache, 'thing', () => Promise.reject(new Error('disk full')));
  await expect(failing).rejects.toThrow('disk full');
  expect(existsSync(join(cache, 'thing'))).toBe(false);
  await cachedDirectory(cache, 'thing', () => Promise.resolve());
  expect(existsSync(join(cache, 'thing'))).toBe(true);
  expect(existsSync(join(cache, 'thing.new-1'))).toBe(false);
});

test('only a directory of our own is deleted', () => {
  const parent = temporaryDirectory();
  const own = join(parent, 'own');
  makeOwnDirectory(own);
  writeFileSync(join(own, 'file'), '');
  expect(deleteOwnDirectory(own)).toBe(true);
  expect(deleteOwnDirectory(own)).toBe(false);

  const foreign = join(parent, 'foreign');
  mkdirSync(foreign);
  writeFileSync(join(foreign, 'thesis'), '');
  makeOwnDirectory(foreign);
  expect(() => deleteOwnDirectory(foreign)).toThrow(/was not made by zkpow/);
  expect(existsSync(join(foreign, 'thesis'))).toBe(true);
});
