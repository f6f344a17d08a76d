import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { DatabaseError } from 'pg';
import type pg from 'pg';
import { z } from 'zod';
import { createPool, selectRows } from './database.js';

const MIGRATIONS = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Any number, the same in every process: migrations run one after the other. */
const MIGRATION_LOCK = 7_465_676;

/** A migration that was applied reads differently now, so the database is not what the code believes. */
export class MigrationChangedError extends Error {
  override readonly name = 'MigrationChangedError';
  constructor(migration: string) {
    super(
      `Migration ${migration} was changed after it was applied to this database. Add a new migration instead; ` +
        'a local database is made afresh by "npm run clean"',
    );
  }
}

/** The login may not write to the database. */
export class ReadOnlyLoginError extends Error {
  override readonly name = 'ReadOnlyLoginError';
  constructor(login: string, error: DatabaseError) {
    super(
      `The login "${login}" may not write to this database (${error.message}): DATABASE_URL must hold the miner's own ` +
        'login, which owns the tables; that of a prover is for "npm run worker -- prover" alone',
      { cause: error },
    );
  }
}

/** SQLSTATEs: insufficient privilege; a transaction that may only read, as on a standby server. */
const MAY_NOT_WRITE = ['42501', '25006'];

/**
 * Brings the database to the newest schema; does nothing where it is there already. Safe to call from several
 * processes at once.
 *
 * @returns names of the migrations applied by this call
 * @throws ReadOnlyLoginError if the login may not write; nothing is changed then
 */
export async function migrate(database: string | pg.Pool): Promise<string[]> {
  if (typeof database !== 'string') return migratePool(database);
  const pool = createPool(database, 1);
  try {
    return await migratePool(pool);
  } finally {
    await pool.end();
  }
}

async function migratePool(pool: pg.Pool): Promise<string[]> {
  const names = (await readdir(MIGRATIONS)).filter((name) => /^\d{4}_[\w-]+\.sql$/.test(name)).sort();
  const client = await pool.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(
      `CREATE TABLE IF NOT EXISTS migrations (
         name text PRIMARY KEY, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const applied: string[] = [];
    for (const name of names) if (await applyMigration(client, name)) applied.push(name);
    return applied;
  } catch (error) {
    const refused = deniedBy(error);
    if (refused) throw new ReadOnlyLoginError(client.user ?? '?', refused);
    throw error;
  } finally {
    // Ending the session gives the lock back, also after a failure.
    client.release(true);
  }
}

/** The refusal to write, also where it is the cause of an error about a migration. */
function deniedBy(error: unknown): DatabaseError | null {
  if (error instanceof DatabaseError) return MAY_NOT_WRITE.includes(error.code ?? '') ? error : null;
  return error instanceof Error && error.cause !== undefined ? deniedBy(error.cause) : null;
}

async function applyMigration(client: pg.PoolClient, name: string): Promise<boolean> {
  const text = await readFile(`${MIGRATIONS}${name}`, 'utf8');
  const digest = createHash('sha256').update(text).digest('hex');
  const row = z.object({ digest: z.string() });
  const [before] = await selectRows(client, row, 'SELECT digest FROM migrations WHERE name = $1', [name]);
  if (before) {
    if (before.digest !== digest) throw new MigrationChangedError(name);
    return false;
  }
  await client.query('BEGIN');
  try {
    // The row comes first: it is the key on which anybody who ignores the lock collides.
    await client.query('INSERT INTO migrations (name, digest) VALUES ($1, $2)', [name, digest]);
    await client.query(text);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`Migration ${name} failed: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
