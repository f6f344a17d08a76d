import { spawnSync } from 'node:child_process';
import { renameSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedDirectory } from '../../local-stack/cache.js';
import type { Home } from '../../local-stack/home.js';
import { choosePort } from '../../local-stack/ports.js';
import { startProcess, type StartedProcess } from '../../local-stack/processes.js';

/** The newest server that builds with Go 1.26.8 and whose module file holds no `replace` lines. */
const SERVER_VERSION = 'v1.32.1';
const SERVER_MODULE = `go.temporal.io/server@${SERVER_VERSION}`;

export interface ServerPrograms {
  server: string;
  sqlTool: string;
  /** Of Postgres, with folders `temporal` and `visibility`. */
  schemas: string;
}

/** The production server and its schema tool: built with Go once, 4 to 7 minutes. */
export async function findTemporalServer(cache: string, report: (line: string) => void): Promise<ServerPrograms> {
  const directory = await cachedDirectory(cache, `temporal-server-${SERVER_VERSION}`, async (unfinished) => {
    report(`Building the Temporal server ${SERVER_VERSION}, once: 4 to 7 minutes`);
    const programs = ['server', 'tools/sql'].map((name) => `go.temporal.io/server/cmd/${name}@${SERVER_VERSION}`);
    run('go', ['install', '-ldflags', '-s -w', ...programs], { GOBIN: unfinished });
    renameSync(join(unfinished, 'server'), join(unfinished, 'temporal-server'));
    renameSync(join(unfinished, 'sql'), join(unfinished, 'temporal-sql-tool'));
  });
  run('go', ['mod', 'download', SERVER_MODULE]);
  const modules = run('go', ['env', 'GOMODCACHE']).trim();
  return {
    server: join(directory, 'temporal-server'),
    sqlTool: join(directory, 'temporal-sql-tool'),
    schemas: join(modules, SERVER_MODULE, 'schema/postgresql/v12'),
  };
}

/** Makes Temporal's two databases; where they are, brings them to the newest schema. */
export function createSchemas({ sqlTool, schemas }: ServerPrograms, postgresUrl: URL): void {
  const at = [
    '--plugin',
    'postgres12',
    '--ep',
    postgresUrl.hostname,
    '-p',
    postgresUrl.port,
    '-u',
    postgresUrl.username,
  ];
  for (const [database, schema] of DATABASES) {
    for (const command of [
      ['create'],
      ['setup-schema', '-v', '0.0'],
      ['update-schema', '-d', join(schemas, schema, 'versioned')],
    ]) {
      run(sqlTool, [...at, '--db', database, ...command], { SQL_PASSWORD: decodeURIComponent(postgresUrl.password) });
    }
  }
}

const DATABASES = [
  ['temporal', 'temporal'],
  ['temporal_visibility', 'visibility'],
] as const;

export interface ServerOptions {
  home: Home;
  programs: ServerPrograms;
  postgresUrl: URL;
  /** Holds ca.crt, temporal.crt and temporal.key. */
  certificates: string;
  /** Public keys of who signs logins (JWKS). */
  keysFile: string;
  env: NodeJS.ProcessEnv;
}

/** Starts the server: all its services in one process, TLS with client certificates, logins by JWT. */
export async function startTemporalServer(
  options: ServerOptions,
): Promise<{ process: StartedProcess; address: string }> {
  const { home, programs, env } = options;
  const ports = await Promise.all(Array.from({ length: 10 }, () => choosePort(undefined)));
  const configFile = join(home.data, 'temporal-server.json');
  // YAML is a superset of JSON.
  await writeFile(configFile, JSON.stringify(serverConfig(options, ports), null, 2), { mode: 0o600 });
  const services = ['frontend', 'internal-frontend', 'matching', 'history', 'worker'];
  const process = await startProcess({
    name: 'temporal-server',
    command: programs.server,
    args: ['--config-file', configFile, 'start', ...services.flatMap((service) => ['--service', service])],
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'))),
    runDirectory: home.run,
    logFile: join(home.logs, 'temporal-server.log'),
    role: 'part',
  });
  return { process, address: `127.0.0.1:${ports[0]}` };
}

function serverConfig({ home, postgresUrl, certificates, keysFile }: ServerOptions, ports: readonly number[]): unknown {
  const store = (databaseName: string): unknown => ({
    sql: {
      ...{ pluginName: 'postgres12', databaseName, connectAddr: postgresUrl.host, connectProtocol: 'tcp' },
      ...{
        user: postgresUrl.username,
        password: decodeURIComponent(postgresUrl.password),
        maxConns: 20,
        maxIdleConns: 20,
      },
    },
  });
  const [authority, cert, key] = ['ca.crt', 'temporal.crt', 'temporal.key'].map((name) => join(certificates, name));
  const tls = {
    server: { certFile: cert, keyFile: key, requireClientAuth: true, clientCaFiles: [authority] },
    client: { serverName: 'temporal', rootCaFiles: [authority] },
  };
  const rpc = (index: number): unknown => {
    return { rpc: { grpcPort: ports[2 * index], membershipPort: ports[2 * index + 1], bindOnLocalHost: true } };
  };
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: 4 },
      datastores: { default: store('temporal'), visibility: store('temporal_visibility') },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      tls: { frontend: tls, internode: tls },
      authorization: {
        ...{ authorizer: 'default', claimMapper: 'default', permissionsClaimName: 'permissions' },
        jwtKeyProvider: { keySourceURIs: [`file://${keysFile}`], refreshInterval: '1m' },
      },
    },
    services: { frontend: rpc(0), 'internal-frontend': rpc(1), matching: rpc(2), history: rpc(3), worker: rpc(4) },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `localhost:${ports[0]}` },
      },
    },
    dynamicConfigClient: { filepath: join(home.data, 'dynamic-config.yaml'), pollInterval: '60s' },
  };
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  const result = spawnSync(command, args, { encoding: 'utf8', env: { ...process.env, ...env } });
  if (result.status === 0) return result.stdout;
  const reason = result.error?.message ?? (result.stderr || result.stdout).trim().split('\n').slice(-5).join('\n');
  throw new Error(`${command} ${args.join(' ')} failed: ${reason}`);
}
