import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPool } from '../../activities/storage/database.js';
import { migrate, ReadOnlyLoginError } from '../../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import { readmitProver, setProverAside } from '../../activities/storage/provers.js';
import { checkLogin } from '../../workers/prover-login.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

describe('a login that may not write', () => {
  test('that of a prover is refused to an aggregator or sender, by name', async () => {
    const url = proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig-1'));
    await expect(migrate(url)).rejects.toThrow(ReadOnlyLoginError);
    await expect(migrate(url)).rejects.toThrow(
      /login ".*\/rig-1" may not write .*DATABASE_URL must hold the miner's own/,
    );
  });

  test('a role that may only read, and a server that only reads, are refused before anything is done', async () => {
    const role = `reader${Date.now()}`;
    await database.pool.query(`CREATE ROLE ${role} LOGIN PASSWORD 'reads'`);
    await database.pool.query(`GRANT pg_read_all_data TO ${role}`);
    await database.pool.query(`GRANT CONNECT ON DATABASE ${new URL(database.url).pathname.slice(1)} TO ${role}`);
    const reader = new URL(database.url);
    [reader.username, reader.password] = [role, 'reads'];
    await expect(migrate(reader.href)).rejects.toThrow(new RegExp(`login "${role}" may not write`));

    const standby = new URL(database.url);
    standby.searchParams.set('options', '-c default_transaction_read_only=on');
    await database.pool.query(`DELETE FROM migrations WHERE name LIKE '0007%'`);
    await expect(migrate(standby.href)).rejects.toThrow(/may not write to this database \(cannot execute .* read-only/);
    await database.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });
});

describe('a login that may not prove', () => {
  async function check(url: string): Promise<void> {
    const pool: pg.Pool = createPool(url, 1);
    await checkLogin(createProverStore(pool)).finally(() => pool.end());
  }

  test("the miner's own is refused to a prover, with what makes the right one", async () => {
    await expect(check(database.url)).rejects.toThrow(/is not that of a prover .*"npm run miner -- add-prover NAME"/);
  });

  test('that of a machine which was set aside says why, and what takes it back', async () => {
    const url = proverDatabaseUrl(database.url, await grantProver(database.pool, 'rig-2'));
    await setProverAside(database.pool, 'rig-2', 'its proof does not verify');
    await expect(check(url)).rejects.toThrow(
      /prover rig-2 is set aside: its proof does not verify\. .*npm run miner -- readmit-prover NAME/,
    );
    await readmitProver(database.pool, 'rig-2');
    await check(url);
  });
});
