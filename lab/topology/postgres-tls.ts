import { chmodSync, chownSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { z } from 'zod';
import { selectRow } from '../../activities/storage/database.js';
import type { PostgresPlace } from '../../local-stack/postgres-user.js';

const ACCESS_RULES = fileURLToPath(new URL('../../deploy/postgres/pg_hba.conf', import.meta.url));

/**
 * Has a running Postgres speak TLS and let in only whom deploy/postgres/pg_hba.conf names. Connections that are open stay.
 *
 * @param adminUrl of a superuser; from now on it gets in by TLS only
 * @param certificates folder with postgres.crt and postgres.key
 */
export async function turnTlsOn(
  adminUrl: string,
  { directory, user }: Pick<PostgresPlace, 'directory' | 'user'>,
  certificates: string,
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    for (const [setting, name] of [
      ['ssl_cert_file', 'postgres.crt'],
      ['ssl_key_file', 'postgres.key'],
    ] as const) {
      const file = join(directory, name);
      copyFileSync(join(certificates, name), file);
      // Postgres wants its key to be its own.
      chmodSync(file, 0o600);
      if (user) chownSync(file, user.uid, user.gid);
      await admin.query(`ALTER SYSTEM SET ${setting} = ${pg.escapeLiteral(file)}`);
    }
    await admin.query('ALTER SYSTEM SET ssl = on');
    const rules = await selectRow(admin, z.object({ file: z.string() }), `SELECT current_setting('hba_file') AS file`);
    if (!rules) throw new Error('Postgres did not say where its access rules lie');
    copyFileSync(ACCESS_RULES, rules.file);
    await admin.query('SELECT pg_reload_conf()');
  } finally {
    await admin.end();
  }
}
