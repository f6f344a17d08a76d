import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lock } from 'proper-lockfile';
import { makeOwnDirectory } from './home.js';

/**
 * A directory in the cache, made once and shared by all clones of a user: made beside its place under a lock and moved
 * there when it is complete, so nobody ever sees a half-made one.
 *
 * @param make fills the directory it is given; what it leaves when it fails is deleted
 * @returns the path of the complete directory
 */
export async function cachedDirectory(
  cache: string,
  name: string,
  make: (directory: string) => Promise<void>,
  onWait: () => void = () => undefined,
): Promise<string> {
  const path = join(cache, name);
  if (existsSync(path)) return path;
  makeOwnDirectory(cache);
  const release = await takeLock(join(cache, name), onWait);
  try {
    if (existsSync(path)) return path;
    // What a killed run left; the lock says that nobody works on it now.
    for (const entry of readdirSync(cache)) {
      if (entry.startsWith(`${name}.new-`)) rmSync(join(cache, entry), { recursive: true, force: true });
    }
    const unfinished = join(cache, `${name}.new-${process.pid}`);
    mkdirSync(unfinished);
    try {
      await make(unfinished);
      renameSync(unfinished, path);
    } catch (error) {
      rmSync(unfinished, { recursive: true, force: true });
      throw error;
    }
    return path;
  } finally {
    await release();
  }
}

/** A holder that was killed is noticed when it has not refreshed its lock for 10 s. */
async function takeLock(path: string, onWait: () => void): Promise<() => Promise<void>> {
  const options = { realpath: false, stale: 10_000, update: 2_000 };
  try {
    return await lock(path, options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ELOCKED')) throw error;
  }
  onWait();
  return lock(path, { ...options, retries: { retries: 900, factor: 1, minTimeout: 1_000, maxTimeout: 1_000 } });
}
