import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Home } from './home.js';
import { findPostgres } from './postgres-binaries.js';
import { reachableAddress } from './ports.js';
import { postgresPlace, type PostgresPlace } from './postgres-user.js';
import { processCommandLine } from './process-identity.js';
import { startProcess, type StartedProcess } from './processes.js';
import { waitUntilReady } from './ready.js';
import { lastLines } from './log-file.js';

export interface PostgresOptions {
  home: Home;
  cache: string;
  /** Default 127.0.0.1. */
  listenAddress?: string;
  port: number;
  env: NodeJS.ProcessEnv;
}

export interface StartedPostgres {
  process: StartedProcess;
  /** Of the superuser's own database; holds the password. */
  adminUrl: string;
}

const LOOPBACK = '127.0.0.1';
const SUPERUSER = 'zkpow';
/** Each program of each miner and every prover machine holds up to ten or so; the default of 100 is soon used up. */
const MAX_CONNECTIONS = 500;
const READY_TIMEOUT_MS = 60_000;
/** After a `kill -9` its backends live on for a moment and keep a new server from starting. */
const START_TRIES = 10;

/** Starts Postgres on its cluster, made at the first start, and waits until it answers. Every commit is on disk. */
export async function startPostgres(options: PostgresOptions): Promise<StartedPostgres> {
  const place = postgresPlace(options.home, options.cache);
  const programs = await findPostgres(place.cache);
  const cluster = join(place.directory, 'cluster');
  if (!existsSync(cluster)) makeCluster(place, programs, cluster);
  removeStaleLock(cluster);

  const password = readFileSync(join(place.directory, 'password'), 'utf8').trim();
  const adminUrl = `postgresql://${SUPERUSER}:${password}@${reachableAddress(options.listenAddress ?? LOOPBACK)}:${options.port}/postgres`;
  for (let tries = 1; ; tries += 1) {
    const process = await startServer(options, place, programs, cluster);
    try {
      await waitUntilReady(process, () => query(adminUrl, 'select 1'), READY_TIMEOUT_MS);
      return { process, adminUrl };
    } catch (error) {
      const old = /pre-existing shared memory block|lock file "postmaster.pid" already exists/;
      await process.stop();
      if (tries >= START_TRIES || !old.test(lastLines(process.logFile, 5))) throw error;
    }
  }
}

/** Makes a database if there is none of that name on the server, and returns its URL. */
export async function createDatabase(adminUrl: string, name: string): Promise<string> {
  const exists = await query(adminUrl, 'select 1 from pg_database where datname = $1', [name]);
  if (exists.rowCount === 0) {
    try {
      await query(adminUrl, `create database ${pg.escapeIdentifier(name)}`);
    } catch (error) {
      // 42P04: another starter made it in the meantime.
      if (!(error instanceof pg.DatabaseError && error.code === '42P04')) throw error;
    }
  }
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

function startServer(
  { home, listenAddress = LOOPBACK, port, env }: PostgresOptions,
  place: PostgresPlace,
  programs: string,
  cluster: string,
): Promise<StartedProcess> {
  const accessFile = join(place.directory, 'access.conf');
  writeFileSync(accessFile, accessRules(listenAddress));
  return startProcess({
    name: 'postgres',
    command: join(programs, 'bin', 'postgres'),
    // No socket file: its path would have to be short and writable. What makes commits durable stays at its default, on.
    args: [
      ...['-D', cluster, '-p', String(port), '-c', `listen_addresses=${listenAddress}`],
      ...['-c', `hba_file=${accessFile}`, '-c', 'unix_socket_directories='],
      ...['-c', `max_connections=${MAX_CONNECTIONS}`],
    ],
    env: { ...withoutPostgresVariables(env), LC_ALL: 'C' },
    runDirectory: home.run,
    logFile: join(home.logs, 'postgres.log'),
    workingDirectory: place.directory,
    role: 'part',
    // Fast shutdown: SIGTERM would wait for every client to go.
    stopSignal: 'SIGINT',
    ...(place.user === undefined ? {} : { user: place.user }),
  });
}

/** Who may connect (Postgres's pg_hba.conf): with a password this machine, and others only where it listens to them. */
function accessRules(listenAddress: string): string {
  const from = listenAddress.startsWith('127.') ? '127.0.0.0/8' : '0.0.0.0/0';
  return `host all all ${from} scram-sha-256\n`;
}

/** Made beside its place and moved there when complete: a killed run leaves no half-made cluster. */
function makeCluster(place: PostgresPlace, programs: string, cluster: string): void {
  mkdirSync(place.directory, { recursive: true });
  const passwordFile = join(place.directory, 'password');
  const unfinished = `${cluster}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(16).toString('hex') + '\n', { mode: 0o600 });
  if (place.user !== undefined) {
    for (const path of [place.directory, unfinished, passwordFile]) chownSync(path, place.user.uid, place.user.gid);
  }
  const initdb = spawnSync(
    join(programs, 'bin', 'initdb'),
    [
      ...[`--pgdata=${unfinished}`, `--username=${SUPERUSER}`, `--pwfile=${passwordFile}`],
      ...['--auth=scram-sha-256', '--encoding=UTF8', '--no-locale'],
    ],
    { encoding: 'utf8', cwd: place.directory, env: { ...process.env, LC_ALL: 'C' }, ...place.user },
  );
  if (initdb.status !== 0) {
    const reason = initdb.error?.message ?? (initdb.stderr + initdb.stdout).trim();
    throw new Error(
      `Making the database in ${place.directory} failed: ${reason}\nOr set DATABASE_URL to a running server.`,
    );
  }
  renameSync(unfinished, cluster);
}

/**
 * After a crash Postgres looks whether the process named in its lock file lives. After a restart of the machine that
 * may be any other program of the same user, and Postgres would refuse to start.
 */
function removeStaleLock(cluster: string): void {
  const lockFile = join(cluster, 'postmaster.pid');
  if (!existsSync(lockFile)) return;
  const pid = Number(readFileSync(lockFile, 'utf8').split('\n')[0]);
  const command = Number.isSafeInteger(pid) && pid > 0 ? processCommandLine(pid) : undefined;
  if (command !== undefined && !command.includes('postgres')) rmSync(lockFile);
}

function withoutPostgresVariables(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('PG')));
}

async function query(url: string, text: string, values: unknown[] = []): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  try {
    await client.connect();
    return await client.query(text, values);
  } finally {
    await client.end();
  }
}
