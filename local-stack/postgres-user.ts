import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { makeOwnDirectory, type Home } from './home.js';

/** Who Postgres runs as and where its files lie. */
export interface PostgresPlace {
  /** Undefined: as ourselves. */
  user: { uid: number; gid: number } | undefined;
  /** Programs are copied to here. */
  cache: string;
  /** Cluster and password. */
  directory: string;
}

const USER_NAME = 'postgres';
/** Where root's Postgres keeps what would otherwise lie in a directory that only root can enter. */
const SHARED_DIRECTORY = '/var/lib/zkpow';

/**
 * Postgres refuses to run as root. For root it runs as the user `postgres`, made if there is none, and its files lie in
 * the usual places as long as that user can reach these; else under /var/lib/zkpow. For anybody else nothing is special.
 */
export function postgresPlace(home: Home, cache: string): PostgresPlace {
  const directory = join(home.data, 'postgres');
  if (userInfo().uid !== 0) return { user: undefined, cache, directory };
  const user = findUser() ?? makeUser();
  makeOwnDirectory(cache);
  mkdirSync(home.data, { recursive: true });
  return {
    user,
    cache: canEnter(user, cache) ? cache : sharedCache(cache),
    directory: canEnter(user, home.data) ? directory : join(sharedHome(home), 'postgres'),
  };
}

/** Where Postgres's data of this home lies for root, if the home cannot be entered. */
export function sharedHome(home: Home): string {
  return sharedPlace(home.directory);
}

/** Where Postgres's programs lie for root, if the cache cannot be entered. */
export function sharedCache(cache: string): string {
  return sharedPlace(resolve(cache));
}

function sharedPlace(directory: string): string {
  const digest = createHash('sha256').update(directory).digest('hex').slice(0, 12);
  return join(SHARED_DIRECTORY, `${basename(directory).replace(/^\./, '')}-${digest}`);
}

function findUser(): { uid: number; gid: number } | undefined {
  const uid = spawnSync('id', ['-u', USER_NAME], { encoding: 'utf8' });
  const gid = spawnSync('id', ['-g', USER_NAME], { encoding: 'utf8' });
  if (uid.status !== 0 || gid.status !== 0) return undefined;
  return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
}

function makeUser(): { uid: number; gid: number } {
  const args = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER_NAME];
  const result = spawnSync('useradd', args, { encoding: 'utf8' });
  const user = findUser();
  if (user === undefined) {
    const reason = result.error?.message ?? result.stderr.trim();
    throw new Error(
      `Postgres does not run as root, and the user "${USER_NAME}" could not be made (useradd: ${reason}). ` +
        `Make it by hand, start this as another user, or set DATABASE_URL to a running server.`,
    );
  }
  return user;
}

/** Whether every directory on the way can be passed by that user: asked of the system, as that user. */
function canEnter(user: { uid: number; gid: number }, directory: string): boolean {
  return spawnSync('test', ['-x', directory], { ...user, cwd: '/' }).status === 0;
}
