import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { migrate } from '../../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createPool } from '../../activities/storage/database.js';
import { openHome } from '../../local-stack/home.js';
import { choosePort } from '../../local-stack/ports.js';
import { postgresPlace, sharedHome } from '../../local-stack/postgres-user.js';
import { createDatabase, startPostgres } from '../../local-stack/postgres.js';
import { stopAll } from '../../local-stack/processes.js';
import { turnTlsOn } from '../../lab/topology/postgres-tls.js';
import { databaseTlsProblem } from '../../platform/settings/tls-problems.js';
import { readEnvironment, readSettings } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';
import { makeCertificates, type Certificates } from '../topology/certificates.js';

// The rules that deploy/compose.remote.yml hands to Postgres, on a server of this test's own.
const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-access-')));
let certificates: Certificates;
let minerUrl: string;
let proverUrl: string;
let temporalUrl: string;

beforeAll(async () => {
  certificates = makeCertificates();
  const env = readEnvironment();
  const { cache } = readSettings(env, settings.pick({ cache: true }));
  const { adminUrl } = await startPostgres({ home, cache, env, port: await choosePort(undefined) });
  minerUrl = await createDatabase(adminUrl, 'zkpow');
  const pool = createPool(minerUrl, 1);
  try {
    await migrate(pool);
    proverUrl = proverDatabaseUrl(minerUrl, await grantProver(pool, 'rig-1'));
    await pool.query(`CREATE ROLE temporal LOGIN PASSWORD 'secret'`);
  } finally {
    await pool.end();
  }
  temporalUrl = Object.assign(new URL(adminUrl), { username: 'temporal', password: 'secret' }).href;
  await turnTlsOn(adminUrl, postgresPlace(home, cache), certificates.directory);
}, 180_000);
afterAll(async () => {
  await stopAll(home.run);
  for (const directory of [home.directory, sharedHome(home), certificates.directory]) {
    rmSync(directory, { recursive: true, force: true });
  }
});

async function connect(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
}

const withTls = (url: string): string => `${url}?sslmode=verify-full&sslrootcert=${certificates.authorityFile}`;

test.each([
  ['a prover', () => proverUrl],
  ["the miner's own login", () => minerUrl],
])('%s gets in by TLS, and is turned away without', async (_who, url) => {
  await expect.poll(() => connect(withTls(url())).then(() => 'in')).toBe('in');
  const refusal: unknown = await connect(url()).then(
    () => 'in',
    (error: unknown) => error,
  );
  expect(databaseTlsProblem(refusal)).toMatch(/^it wants TLS/);
});

test('Temporal reaches its databases inside the network of the containers', async () => {
  await expect(connect(temporalUrl)).resolves.toBeUndefined();
});
