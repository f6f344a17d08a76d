import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate, MigrationChangedError } from '../../activities/storage/migrate.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

test('a migrated database is left alone, also by several processes at once', async () => {
  const runs = await Promise.all([migrate(database.url), migrate(database.url), migrate(database.pool)]);
  expect(runs).toEqual([[], [], []]);
});

test('a migration that was changed after it was applied is named', async () => {
  await database.pool.query(`UPDATE migrations SET digest = 'other' WHERE name = '0001_artifacts.sql'`);
  await expect(migrate(database.url)).rejects.toThrow(MigrationChangedError);
  await expect(migrate(database.url)).rejects.toThrow(/0001_artifacts\.sql.*npm run clean/);
});
