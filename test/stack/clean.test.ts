import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { makeOwnDirectory, type Home } from '../../local-stack/home.js';
import { nodeProgram } from '../../local-stack/node-program.js';
import { takeOwnership } from '../../local-stack/owner.js';
import { temporaryHome } from './temporary-home.js';

/** Runs `npm run clean` on a home whose cache lies beside it. */
async function clean(home: Home, ...flags: string[]): Promise<{ code: number | null; output: string }> {
  const { command, args } = nodeProgram(fileURLToPath(new URL('../../scripts/clean.ts', import.meta.url)), flags);
  const env = { ...process.env, ZKPOW_HOME: home.directory, ZKPOW_CACHE: cacheOf(home) };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code: child.exitCode, output: stdout + stderr };
}

const cacheOf = (home: Home) => `${home.directory}-cache`;

test('deletes the home; the cache only when asked to', async () => {
  const home = temporaryHome();
  makeOwnDirectory(cacheOf(home));
  expect(await clean(home)).toMatchObject({ code: 0 });
  expect(existsSync(home.directory)).toBe(false);
  expect(existsSync(cacheOf(home))).toBe(true);

  expect(await clean(home, '--cache')).toMatchObject({ code: 0 });
  expect(existsSync(cacheOf(home))).toBe(false);
});

test('deletes nothing under a stack that runs', async () => {
  const home = temporaryHome();
  const release = takeOwnership(home);
  expect((await clean(home)).output).toMatch(new RegExp(`Process ${process.pid} runs a stack .*npm run stop`));
  expect(existsSync(home.run)).toBe(true);
  release();
});

test("deletes no directory that is somebody else's", async () => {
  const home = temporaryHome();
  mkdirSync(cacheOf(home));
  writeFileSync(join(cacheOf(home), 'thesis'), '');
  const { code, output } = await clean(home, '--cache');
  expect(code).toBe(1);
  expect(output).toContain('was not made by zkpow');
  expect(existsSync(join(cacheOf(home), 'thesis'))).toBe(true);
});
