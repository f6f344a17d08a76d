import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type Connection } from '@temporalio/client';
import type pg from 'pg';
import { createPool } from '../../activities/storage/database.js';
import { migrate } from '../../activities/storage/migrate.js';
import { connectTemporal } from '../../platform/connect.js';
import { settings } from '../../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../../platform/settings/settings.js';
import { openHome, type Home } from '../../local-stack/home.js';
import { endOnInterrupt } from '../../local-stack/interrupt.js';
import { choosePort } from '../../local-stack/ports.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { createDatabase, startPostgres } from '../../local-stack/postgres.js';
import { startProcess, stopAll, type StartedProcess } from '../../local-stack/processes.js';
import { findTemporal } from '../../local-stack/temporal-binary.js';
import { ensureNamespace } from '../../local-stack/temporal-namespace.js';
import { startTemporal } from '../../local-stack/temporal.js';

/** Servers of a run of benchmarks, started for it alone, on files and with every commit on disk. */
export interface BenchServers {
  home: Home;
  cache: string;
  /** Environment of the programs that benchmarks start, without settings of ours. */
  env: NodeJS.ProcessEnv;
  temporalAddress: string;
  temporal: StartedProcess;
  postgres: StartedProcess;
  /** Superuser's URL. */
  postgresUrl: string;
  /** Bytes of the Temporal server's database file. */
  temporalBytes(): number;
  /** A namespace and a database that nobody has used. */
  openPlace(): Promise<BenchPlace>;
  /** @param keepLogs leaves what explains a failure where it is, and says where */
  close(keepLogs?: boolean): Promise<void>;
}

/** Where one run happens: nothing of the runs before it is there. */
export interface BenchPlace {
  name: string;
  databaseUrl: string;
  pool: pg.Pool;
  client: Client;
  /** Bytes of the Postgres database. */
  databaseBytes(): Promise<number>;
  close(): Promise<void>;
}

export async function openBenchServers(report: (line: string) => void): Promise<BenchServers> {
  const environment = readEnvironment();
  const { cache } = readSettings(environment, settings.pick({ cache: true }));
  const env = withoutOwnSettings(environment);
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-bench-')));
  const closers: (() => unknown)[] = [
    () => rmSync(home.directory, { recursive: true, force: true }),
    () => rmSync(sharedHome(home), { recursive: true, force: true }),
    () => stopAll(home.run),
  ];
  const close = async (keepLogs = false): Promise<void> => {
    if (keepLogs && closers.length > 0) {
      closers.shift();
      report(`Logs are kept in ${home.logs}`);
    }
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  // Whoever interrupts does not wait for queries in hand: the processes end first, the directories go after them.
  const endAtOnce = async (): Promise<void> => {
    for (const closer of closers.splice(0, 3).reverse()) await closer();
  };
  closers.push(endOnInterrupt(home, endAtOnce, report));
  try {
    const program = await findTemporal({ home, cache, env, report });
    const port = await choosePort(undefined);
    const temporal = await startTemporal({
      ...{ home, program, port, uiPort: await choosePort(undefined), env, namespace: 'default' },
      // What a power cut could take back, nobody should win by.
      synchronous: 'FULL',
    });
    const postgres = await startPostgres({ home, cache, port: await choosePort(undefined), env });
    const temporalAddress = `127.0.0.1:${port}`;
    const connection = await connectTemporal({ connectionOptions: { address: temporalAddress } });
    closers.push(() => connection.close());
    return {
      ...{ home, cache, env, temporalAddress, temporal, postgres: postgres.process, close },
      postgresUrl: postgres.adminUrl,
      temporalBytes: () => directoryBytes(join(home.data, 'temporal')),
      async openPlace() {
        const place = await openPlace(connection, postgres.adminUrl);
        closers.push(() => place.close());
        return place;
      },
    };
  } catch (error) {
    await close(true);
    throw error;
  }
}

async function openPlace(connection: Connection, adminUrl: string): Promise<BenchPlace> {
  const name = `bench${randomBytes(4).toString('hex')}`;
  await ensureNamespace(connection, name);
  const databaseUrl = await createDatabase(adminUrl, name);
  const pool = createPool(databaseUrl);
  await migrate(pool);
  let closed: Promise<void> | undefined;
  return {
    ...{ name, databaseUrl, pool, client: new Client({ connection, namespace: name }) },
    async databaseBytes() {
      const { rows } = await pool.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
      return Number(rows[0]?.bytes ?? 0);
    },
    close: () => (closed ??= pool.end()),
  };
}

function directoryBytes(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

/** The programs of a benchmark are set up by the benchmark alone. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(ZKPOW_|TEMPORAL_|DATABASE_URL$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}

/** Starts a TypeScript program of this project with its output in a log of its name. */
export function startBenchProgram(
  { home, env }: BenchServers,
  program: { name: string; command: string; args: string[]; env: Record<string, string> },
): Promise<StartedProcess> {
  return startProcess({
    name: program.name,
    command: program.command,
    args: program.args,
    env: { ...env, ...program.env },
    runDirectory: home.run,
    logFile: join(home.logs, `${program.name}.log`),
  });
}
