import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { openHome } from '../../local-stack/home.js';
import { choosePort } from '../../local-stack/ports.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { startPostgres } from '../../local-stack/postgres.js';
import { stopAll } from '../../local-stack/processes.js';
import { findTemporal } from '../../local-stack/temporal-binary.js';
import { startTemporal } from '../../local-stack/temporal.js';
import { readEnvironment, readSettings } from '../../platform/settings/settings.js';
import { settings } from '../../platform/settings/settings-table.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalAddress: string;
    /** Superuser's URL; tests make databases of their own on it. */
    postgresUrl: string;
  }
}

/** One Temporal server and one Postgres for all test files: each takes a namespace and a database of its own. */
export default async function startServers(project: TestProject): Promise<() => Promise<void>> {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-test-')));
  const env = readEnvironment();
  const { cache } = readSettings(env, settings.pick({ cache: true }));
  const report = (line: string) => console.log(line);

  const program = await findTemporal({ home, cache, env, report });
  const port = await choosePort(undefined);
  await startTemporal({ home, program, port, uiPort: await choosePort(undefined), env, namespace: 'default' });
  const postgres = await startPostgres({ home, cache, port: await choosePort(undefined), env });

  project.provide('temporalAddress', `127.0.0.1:${port}`);
  project.provide('postgresUrl', postgres.adminUrl);
  return async () => {
    await stopAll(home.run);
    rmSync(sharedHome(home), { recursive: true, force: true });
    rmSync(home.directory, { recursive: true, force: true });
  };
}
