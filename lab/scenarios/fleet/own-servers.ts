import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { connectTemporal } from '../../../platform/connect.js';
import { openHome } from '../../../local-stack/home.js';
import { choosePort } from '../../../local-stack/ports.js';
import { sharedHome } from '../../../local-stack/postgres-user.js';
import { startPostgres } from '../../../local-stack/postgres.js';
import { stopAll, type StartedProcess } from '../../../local-stack/processes.js';
import { findTemporal } from '../../../local-stack/temporal-binary.js';
import { startTemporal } from '../../../local-stack/temporal.js';
import type { Arena } from '../arena.js';
import type { ScenarioContext } from '../scenario.js';

export type ServerName = 'postgres' | 'temporal';

/** A Temporal server and a Postgres of one scenario's own, which may be killed: nobody else uses them. */
export interface OwnServers {
  /** The run's arena with these servers in the place of its own. */
  arena: Arena;
  /** `kill -9`; resolves when it is gone. */
  kill(name: ServerName): Promise<void>;
  /** On the same data and port; resolves when it serves. */
  start(name: ServerName): Promise<void>;
}

export async function startOwnServers({ arena, directory, defer, report }: ScenarioContext): Promise<OwnServers> {
  const place = join(directory, 'servers');
  mkdirSync(place, { recursive: true });
  const home = openHome(place);
  defer(async () => {
    await stopAll(home.run);
    rmSync(sharedHome(home), { recursive: true, force: true });
  });
  const { cache, env } = arena;
  const program = await findTemporal({ home, cache, env, report });
  const [port, uiPort, postgresPort] = [
    await choosePort(undefined),
    await choosePort(undefined),
    await choosePort(undefined),
  ];
  const startTemporalHere = () => startTemporal({ home, program, port, uiPort, env, namespace: 'default' });
  const startPostgresHere = () => startPostgres({ home, cache, port: postgresPort, env });

  const postgres = await startPostgresHere();
  const running: Record<ServerName, StartedProcess> = {
    postgres: postgres.process,
    temporal: await startTemporalHere(),
  };
  const temporalAddress = `127.0.0.1:${port}`;
  const connection = await connectTemporal({ connectionOptions: { address: temporalAddress } });
  defer(() => connection.close());
  return {
    arena: { ...arena, temporalAddress, postgresUrl: postgres.adminUrl, connection },
    async kill(name) {
      process.kill(running[name].pid, 'SIGKILL');
      await running[name].exited;
    },
    async start(name) {
      running[name] = name === 'temporal' ? await startTemporalHere() : (await startPostgresHere()).process;
    },
  };
}
