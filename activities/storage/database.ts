import pg from 'pg';
import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';

/** A pool, or one client of it inside a transaction. */
export interface Database {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[]; rowCount: number | null }>;
}

/** Longest wait for a connection: a database that is away is noticed, and its activity tried again. */
const CONNECT_TIMEOUT_MS = 10_000;

/** A pool of connections to the miner's database. A connection that breaks while idle is replaced silently. */
export function createPool(databaseUrl: string, maxConnections = 10): pg.Pool {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: maxConnections,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  });
  // Without a listener the loss of an idle connection ends the process; the next query reports it anyway.
  pool.on('error', () => {});
  return pool;
}

/** Runs `work` in one transaction, rolled back when it throws. */
export async function inTransaction<T>(pool: pg.Pool, work: (db: Database) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollbackError: Error) => (broken = rollbackError));
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Runs a query and parses every row. */
export async function selectRows<Row>(
  db: Database,
  schema: z.ZodType<Row>,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const { rows } = await db.query(text, values);
  return rows.map((row) => schema.parse(row));
}

/** As `selectRows`, for a query that gives one row or none. */
export async function selectRow<Row>(
  db: Database,
  schema: z.ZodType<Row>,
  text: string,
  values: unknown[] = [],
): Promise<Row | null> {
  return (await selectRows(db, schema, text, values))[0] ?? null;
}

/** A bigint column (which `pg` gives as text) that holds a block, batch or chain number. */
export const safeInteger = z
  .union([z.number(), z.string().regex(/^-?\d+$/)])
  .transform(Number)
  .pipe(z.number().int());

/** A column of 0x-prefixed lower-case hexadecimal text. */
export const hex = z.custom<Hex>(isHex, { error: 'expected 0x-prefixed lower-case hexadecimal' });

/** Whether a value is 0x-prefixed, lower-case hexadecimal text. */
export function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-f]*$/.test(value);
}

export const bytes = z.instanceof(Uint8Array);
