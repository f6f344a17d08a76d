import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { z } from 'zod';
import { inTransaction, selectRows } from './database.js';
import { markProverRemoved, upsertProver, type ProverRow } from './provers.js';

/** Connections that one machine may hold: a slot needs one for a moment. */
const CONNECTIONS_PER_PROVER = 16;

/** Postgres cuts off longer names without a word. */
const MAX_ROLE_BYTES = 63;

/** What a mining machine logs in with. */
export interface ProverLogin {
  name: string;
  role: string;
  password: string;
}

/**
 * Makes the database role of one mining machine, or gives it a new password. The role may call the functions in the
 * schema `prover` and nothing else.
 *
 * @param name of the machine: letters, digits, `.`, `_` and `-`, at most 40 characters
 */
export async function grantProver(pool: pg.Pool, name: string, password = newPassword()): Promise<ProverLogin> {
  if (!/^[a-z0-9][a-z0-9._-]{0,39}$/i.test(name)) {
    throw new Error(
      `"${name}" names no prover: use 1 to 40 letters, digits, ".", "_" and "-", the first a letter or digit`,
    );
  }
  return inTransaction(pool, async (db) => {
    // Roles belong to the whole server, on which other miners may have databases and provers of the same name.
    const [row] = await selectRows(db, z.object({ database: z.string() }), 'SELECT current_database() AS database');
    if (!row) throw new Error('The database did not say its name');
    const role = `${row.database}/${name}`;
    if (Buffer.byteLength(role) > MAX_ROLE_BYTES) {
      throw new Error(
        `The role name "${role}" is over Postgres' limit of ${MAX_ROLE_BYTES} bytes: take a shorter name`,
      );
    }
    const quoted = pg.escapeIdentifier(role);
    const known = await db.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);

    if (known.rowCount === 0) await db.query(`CREATE ROLE ${quoted}`);
    await db.query(
      `ALTER ROLE ${quoted} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT
         CONNECTION LIMIT ${CONNECTIONS_PER_PROVER} PASSWORD ${pg.escapeLiteral(password)}`,
    );
    // As the schema does: a database that was restored from a dump is open to every role of its server.
    await db.query(`REVOKE ALL ON DATABASE ${pg.escapeIdentifier(row.database)} FROM PUBLIC`);
    await db.query(`GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(row.database)} TO ${quoted}`);
    await db.query(`GRANT USAGE ON SCHEMA prover TO ${quoted}`);
    await db.query(
      `GRANT EXECUTE ON FUNCTION prover.read_artifact, prover.find_proof, prover.add_proof, prover.circuits TO ${quoted}`,
    );
    await upsertProver(db, name, role);
    return { name, role, password };
  });
}

/**
 * Takes the login of a mining machine away for good. A connection that is open can do nothing from now on; proofs that
 * the machine handed in stay and are found.
 */
export async function removeProver(pool: pg.Pool, { name, role }: Pick<ProverRow, 'name' | 'role'>): Promise<void> {
  await inTransaction(pool, async (db) => {
    // Of a database that was restored on another server the role is not there.
    const known = await db.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
    if (known.rowCount !== 0) {
      // A role that still may do something cannot be dropped. It owns nothing: this takes what it was granted.
      await db.query(`DROP OWNED BY ${pg.escapeIdentifier(role)}`);
      await db.query(`DROP ROLE ${pg.escapeIdentifier(role)}`);
    }
    await markProverRemoved(db, name);
  });
}

/** The database URL for a machine: the miner's own with the machine's login in it. */
export function proverDatabaseUrl(databaseUrl: string, { role, password }: ProverLogin): string {
  const url = new URL(databaseUrl);
  url.username = encodeURIComponent(role);
  url.password = encodeURIComponent(password);
  return url.href;
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
