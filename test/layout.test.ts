import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');

const rules = z
  .object({
    forbidden: z.array(z.object({ name: z.string(), to: z.object({ pathNot: z.unknown().optional() }).loose() })),
  })
  .parse(createRequire(import.meta.url)('../.dependency-cruiser.cjs')).forbidden;

/** Folders of the top level that hold TypeScript of ours. */
function codeFolders(): string[] {
  const folders = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  return names.filter((name) =>
    readdirSync(join(ROOT, name), { recursive: true }).some((path) => String(path).endsWith('.ts')),
  );
}

test('every folder with code has a rule that says what it may import, and every rule its folder', () => {
  const ruled = rules.flatMap(({ name }) => /^what-(.*)-may-import$/.exec(name)?.[1] ?? []);
  // Tests may import everything, and nothing imports them: no rule lists them.
  expect([...ruled, 'test'].sort()).toEqual(codeFolders().sort());
  expect(rules.filter(({ to }) => /\btest\b/.test(String(to.pathNot)))).toEqual([]);
});

test('the dependency check, the compiler and the linter look at all of them', () => {
  const { scripts } = z
    .object({ scripts: z.object({ lint: z.string() }) })
    .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
  const checked = /depcruise --config \S+ (.*)$/.exec(scripts.lint)?.[1]?.split(' ') ?? [];
  expect(checked.sort()).toEqual(codeFolders().sort());
  const compiled = readFileSync(join(ROOT, 'tsconfig.json'), 'utf8');
  expect(codeFolders().filter((folder) => !new RegExp(`"${folder}("|/)`).test(compiled))).toEqual([]);
});

test('nothing but its registry, and what a machine proves without being told, names a rollup type', () => {
  const named = /rollup-types\/transfers|['"`]transfers['"`]|TRANSFERS_/;
  const files = codeFolders()
    .filter((folder) => folder !== 'test')
    .flatMap((folder) => readdirSync(join(ROOT, folder), { recursive: true }).map((path) => join(folder, String(path))))
    .filter((path) => path.endsWith('.ts') && !path.startsWith('rollup-types/transfers/'));
  const naming = files.filter((path) => named.test(readFileSync(join(ROOT, path), 'utf8')));
  expect(naming).toEqual(['platform/settings/proving-settings.ts']);
});
