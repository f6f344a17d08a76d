import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTemporal } from '../../platform/connect.js';
import { readSettings } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';
import { openHome } from '../../local-stack/home.js';
import { endOnInterrupt } from '../../local-stack/interrupt.js';
import { choosePort } from '../../local-stack/ports.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { startPostgres } from '../../local-stack/postgres.js';
import { stopAll } from '../../local-stack/processes.js';
import { findTemporal } from '../../local-stack/temporal-binary.js';
import { startTemporal } from '../../local-stack/temporal.js';
import type { Arena } from './arena.js';
import { compileWorkerHost, workerHostIn } from './worker-program.js';

/** Servers that run already; scenarios take namespaces and databases of their own on them. */
export interface RunningServers {
  temporalAddress: string;
  /** URL of a superuser. */
  postgresUrl: string;
}

/**
 * Opens what all scenarios of a run share: a directory, and a Temporal server and a Postgres, started here unless they are
 * given or `TEMPORAL_ADDRESS` and `DATABASE_URL` name them.
 */
export async function openArena(
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
  running?: RunningServers,
): Promise<Arena> {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-scenario-')));
  const { cache } = readSettings(env, settings.pick({ cache: true }));
  const closers: (() => unknown)[] = [
    () => rmSync(home.directory, { recursive: true, force: true }),
    () => rmSync(sharedHome(home), { recursive: true, force: true }),
    () => stopAll(home.run),
  ];
  const close = async (keepLogs: boolean): Promise<void> => {
    if (keepLogs) {
      closers.shift();
      report(`Logs are kept in ${home.directory}`);
    }
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  // A test's runner has its own way to end.
  if (!running) closers.push(endOnInterrupt(home, () => close(true), report));
  try {
    const servers = running ?? serversNamed(env) ?? (await startServers(env, cache, home, report));
    const connection = await connectTemporal({ connectionOptions: { address: servers.temporalAddress } });
    closers.push(() => connection.close());
    const compiled = await compileWorkerHost();
    closers.push(() => rmSync(compiled, { recursive: true, force: true }));
    return {
      ...servers,
      connection,
      directory: home.directory,
      runDirectory: home.run,
      cache,
      workerProgram: workerHostIn(compiled),
      env: withoutOwnSettings(env),
      close,
    };
  } catch (error) {
    await close(true);
    throw error;
  }
}

function serversNamed({ TEMPORAL_ADDRESS, DATABASE_URL }: NodeJS.ProcessEnv): RunningServers | undefined {
  if (!TEMPORAL_ADDRESS || !DATABASE_URL) return undefined;
  return { temporalAddress: TEMPORAL_ADDRESS, postgresUrl: DATABASE_URL };
}

async function startServers(
  env: NodeJS.ProcessEnv,
  cache: string,
  home: ReturnType<typeof openHome>,
  report: (line: string) => void,
): Promise<RunningServers> {
  const program = await findTemporal({ home, cache, env, report });
  const [port, uiPort] = [await choosePort(undefined), await choosePort(undefined)];
  await startTemporal({ home, program, port, uiPort, env, namespace: 'default' });
  const postgres = await startPostgres({ home, cache, port: await choosePort(undefined), env });
  return { temporalAddress: `127.0.0.1:${port}`, postgresUrl: postgres.adminUrl };
}

/** A scenario's programs are set up by the scenario alone. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(ZKPOW_|TEMPORAL_|DATABASE_URL$)/;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
