import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { lock } from 'proper-lockfile';

/**
 * Files that are costly to make and the same for everybody: named by the digest of all that goes into them, made once
 * by whoever comes first, shared by all processes and clones of this user.
 */
export interface ArtifactCache {
  readonly directory: string;
  /**
   * The path of a file, made first where it is missing or its bytes are not those that were stored.
   *
   * @param name path within the cache; holds the digest of everything that the content depends on
   * @param make writes the content to the path it is given
   */
  file(name: string, make: (path: string) => Promise<void>): Promise<string>;
  /** As `file`, for content that fits in memory. */
  content(name: string, make: () => Promise<string | Uint8Array>): Promise<Buffer>;
}

/** `ZKPOW_CACHE`, or `zkpow` in the user's cache directory (XDG Base Directory Specification). */
export function defaultCacheDirectory(environment: NodeJS.ProcessEnv = process.env): string {
  if (environment.ZKPOW_CACHE) return environment.ZKPOW_CACHE;
  const xdg = environment.XDG_CACHE_HOME;
  // The specification says to ignore relative paths.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.cache'), 'zkpow');
}

/** sha256, hexadecimal, of parts that cannot run into each other. */
export function digestOf(...parts: (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) {
    hash.update(createHash('sha256').update(part).digest());
  }
  return hash.digest('hex');
}

/** sha256 of a file of any size, hexadecimal. */
export async function fileDigest(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest('hex');
}

export function openArtifactCache(directory: string, log: (message: string) => void): ArtifactCache {
  async function file(name: string, make: (path: string) => Promise<void>): Promise<string> {
    const path = join(directory, name);
    if ((await inspect(path)) === 'intact') return path;
    await mkdir(dirname(path), { recursive: true });
    const release = await lockFile(path, log);
    try {
      const state = await inspect(path);
      if (state === 'intact') return path;
      if (state === 'corrupted') log(`${path} is corrupted (its sha256 is not the stored one): making it again`);
      await makeFile(path, make);
      return path;
    } finally {
      await release();
    }
  }
  async function content(name: string, make: () => Promise<string | Uint8Array>): Promise<Buffer> {
    return await readFile(await file(name, async (path) => writeFile(path, await make())));
  }
  return { directory, file, content };
}

async function inspect(path: string): Promise<'missing' | 'corrupted' | 'intact'> {
  try {
    const [actual, stored] = await Promise.all([fileDigest(path), readFile(digestPath(path), 'utf8')]);
    return actual === stored ? 'intact' : 'corrupted';
  } catch (error) {
    if (isMissing(error)) return 'missing';
    throw error;
  }
}

/** Writes beside the file and renames, so that no reader ever sees half of it. */
async function makeFile(path: string, make: (path: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await make(temporary);
    await writeFile(`${temporary}.sha256`, await fileDigest(temporary));
    await rename(`${temporary}.sha256`, digestPath(path));
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
    await rm(`${temporary}.sha256`, { force: true });
  }
}

/** Waits while another process makes the same file; a lock that its holder no longer renews is broken. */
async function lockFile(path: string, log: (message: string) => void): Promise<() => Promise<void>> {
  const options = {
    realpath: false,
    stale: 30_000,
    update: 5_000,
    onCompromised: (error: Error) => log(`The lock on ${path} was lost (${error.message}); the file may be made twice`),
  };
  try {
    return await lock(path, options);
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
  log(`Waiting for another process that makes ${path}`);
  return await lock(path, { ...options, retries: { retries: 1800, factor: 1, minTimeout: 500, maxTimeout: 500 } });
}

function digestPath(path: string): string {
  return `${path}.sha256`;
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

function isLocked(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ELOCKED';
}
