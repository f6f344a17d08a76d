import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { createDatabase } from '../../local-stack/postgres.js';
import { createPool } from '../../activities/storage/database.js';
import { migrate } from '../../activities/storage/migrate.js';

/** A database of this test file's own, on the shared server. */
export interface TestDatabase {
  url: string;
  pool: pg.Pool;
  close(): Promise<void>;
}

/** Makes an empty database at the newest schema; `close` drops it again. */
export async function openTestDatabase(): Promise<TestDatabase> {
  const name = `t${randomBytes(6).toString('hex')}`;
  const url = await createDatabase(inject('postgresUrl'), name);
  const pool = createPool(url);
  await migrate(pool);
  return {
    url,
    pool,
    async close() {
      await pool.end();
      const admin = new pg.Client({ connectionString: inject('postgresUrl') });
      await admin.connect();
      await admin.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
      await admin.end();
    },
  };
}
