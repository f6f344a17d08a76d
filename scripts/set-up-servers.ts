import { existsSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type pg from 'pg';
import { migrate } from '../activities/storage/migrate.js';
import { grantProver, proverDatabaseUrl } from '../activities/storage/prover-roles.js';
import { readTextFileSync } from '../platform/text-file.js';
import { connectDatabase, connectTemporal } from '../platform/connect.js';
import { settings } from '../platform/settings/settings-table.js';
import { readEnvironment, readSettings, readTemporalSettings } from '../platform/settings/settings.js';
import { runCommand } from '../local-stack/run-command.js';
import { ensureNamespace } from '../local-stack/temporal-namespace.js';

const HELP = `npm run set-up-servers [-- --prover NAME --login-file FILE]

Prepares servers of your own for a miner: the Temporal namespace (TEMPORAL_NAMESPACE) with its search attributes, and the
schema of the database (DATABASE_URL). What is there already stays as it is; "npm run stack" does the same by itself.

  --prover NAME      make the database login of a mining machine as well
  --login-file FILE  write its DATABASE_URL there; a login that the file holds already keeps its password`;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      prover: { type: 'string' },
      'login-file': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const { prover, 'login-file': loginFile } = values;
  if ((prover === undefined) !== (loginFile === undefined)) {
    throw new Error('--prover and --login-file belong together: whose login, and where to write it');
  }
  const env = readEnvironment();
  const { databaseUrl } = readSettings(env, settings.pick({ databaseUrl: true }));
  await setUpTemporal(env);
  const pool = await connectDatabase(databaseUrl, () => undefined);
  try {
    const migrations = await migrate(pool);
    console.log(`The database has the newest schema (${migrations.length} migrations done).`);
    if (prover !== undefined && loginFile !== undefined) await writeLogin(pool, databaseUrl, prover, loginFile);
  } finally {
    await pool.end();
  }
});

async function setUpTemporal(env: NodeJS.ProcessEnv): Promise<void> {
  const temporal = readTemporalSettings(env);
  const { namespace = 'default' } = temporal;
  const connection = await connectTemporal(temporal);
  await ensureNamespace(connection, namespace).finally(() => connection.close());
  console.log(`The Temporal namespace ${namespace} has its search attributes.`);
}

/** Provers that run log in with the password they were started with: it changes only where the file is gone. */
async function writeLogin(pool: pg.Pool, databaseUrl: string, name: string, file: string): Promise<void> {
  const earlier = existsSync(file) ? decodeURIComponent(new URL(readTextFileSync(file).trim()).password) : '';
  const login = await (earlier === '' ? grantProver(pool, name) : grantProver(pool, name, earlier));
  writeFileSync(file, `${proverDatabaseUrl(databaseUrl, login)}\n`, { mode: 0o600 });
  console.log(`${name} may log in; its DATABASE_URL is in ${file}.`);
}
