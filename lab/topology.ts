import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { connectTemporal, connectTemporalWorker } from '../platform/connect.js';
import { readEnvironment, readSettings, readTemporalSettings } from '../platform/settings/settings.js';
import { settings } from '../platform/settings/settings-table.js';
import { parseDemoOptions } from '../scripts/demo/demo-options.js';
import { createProgressDisplay } from '../scripts/demo/progress-display.js';
import { reportText } from '../scripts/demo/report-text.js';
import { runDemo } from '../scripts/demo/run-demo.js';
import { deleteOwnDirectory, openHome, type Home } from '../local-stack/home.js';
import { choosePort } from '../local-stack/ports.js';
import { postgresPlace, sharedHome } from '../local-stack/postgres-user.js';
import { createDatabase, startPostgres } from '../local-stack/postgres.js';
import { stopAll } from '../local-stack/processes.js';
import { runCommand } from '../local-stack/run-command.js';
import { waitUntilReady } from '../local-stack/ready.js';
import { ensureNamespace } from '../local-stack/temporal-namespace.js';
import { createLoginIssuer, type LoginIssuer } from './topology/logins.js';
import { turnTlsOn } from './topology/postgres-tls.js';
import { createSchemas, findTemporalServer, startTemporalServer } from './topology/temporal-server.js';

const HELP = `npm run topology -- [--prover simulated|noir] [--sequences 1,2,3]

Runs a miner as it runs in earnest, without containers: the production Temporal server on Postgres, TLS with client
certificates and logins by token for Temporal, TLS for Postgres, every process of its own. All of them log in to Temporal
as the miner; the prover has a login of its own for the database. Proves sequences and shows the report; then shows that
nobody gets in without certificate or login. Needs Go and openssl.`;

const NAMESPACE = 'miner';
const MAKE_CERTIFICATES = fileURLToPath(new URL('../deploy/make-certificates.sh', import.meta.url));
const DYNAMIC_CONFIG = fileURLToPath(new URL('../deploy/temporal/dynamic-config.yaml', import.meta.url));
const READY_TIMEOUT_MS = 60_000;

await runCommand(async () => {
  const { values } = parseArgs({
    options: {
      prover: { type: 'string', default: 'simulated' },
      sequences: { type: 'string', default: '1,2,3' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const options = parseDemoOptions(['--prover', values.prover, '--sequences', values.sequences]);
  if (!options) return;
  const env = readEnvironment();
  const given = readSettings(env, settings.pick({ home: true, cache: true }));
  const home = openHome(join(given.home, 'topology'));
  const display = createProgressDisplay(process.stdout);
  try {
    const servers = await startServers(home, given.cache, env, (line) => display.line(line));
    const miner = { ...env, ...servers.environment, ZKPOW_HOME: join(home.directory, 'miner') };
    const report = await runDemo(options, miner, display);
    display.done();
    console.log(reportText(report));
    await showRefusals(servers);
  } finally {
    await stopAll(home.run);
    rmSync(sharedHome(home), { recursive: true, force: true });
    deleteOwnDirectory(home.directory);
  }
});

interface Servers {
  /** Of the miner's processes. */
  environment: Record<string, string>;
  issuer: LoginIssuer;
}

async function startServers(
  home: Home,
  cache: string,
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<Servers> {
  const certificates = join(home.data, 'tls');
  for (const server of ['temporal', 'postgres']) makeCertificates(certificates, 'server', server, '127.0.0.1');
  makeCertificates(certificates, 'client', 'miner');
  const programs = await findTemporalServer(cache, report);
  const { adminUrl } = await startPostgres({ home, cache, env, port: await choosePort(undefined) });
  const database = new URL(await createDatabase(adminUrl, NAMESPACE));
  const postgresUrl = await createTemporalRole(adminUrl);
  await turnTlsOn(adminUrl, postgresPlace(home, cache), certificates);
  createSchemas(programs, postgresUrl);
  const keysFile = join(home.data, 'jwks.json');
  const issuer = createLoginIssuer(keysFile);
  copyFileSync(DYNAMIC_CONFIG, join(home.data, 'dynamic-config.yaml'));
  const server = await startTemporalServer({ home, programs, postgresUrl, certificates, keysFile, env });

  database.search = `?sslmode=verify-full&sslrootcert=${join(certificates, 'ca.crt')}`;
  const connection = {
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_SERVER_NAME: 'temporal',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(certificates, 'ca.crt'),
    TEMPORAL_TLS_CLIENT_CERT_PATH: join(certificates, 'miner.crt'),
    TEMPORAL_TLS_CLIENT_KEY_PATH: join(certificates, 'miner.key'),
  };
  const asAdmin = { ...connection, TEMPORAL_API_KEY: issuer.login('operator', ['temporal-system:admin']) };
  await waitUntilReady(server.process, () => makeNamespace(asAdmin), READY_TIMEOUT_MS);
  const login = { TEMPORAL_API_KEY: issuer.login('miner', [`${NAMESPACE}:admin`]), TEMPORAL_NAMESPACE: NAMESPACE };
  return { environment: { ...connection, ...login, DATABASE_URL: database.href }, issuer };
}

/** Temporal's own, as deploy/postgres/create-temporal-role.sh makes it: it cannot read the miner's database. */
async function createTemporalRole(adminUrl: string): Promise<URL> {
  const password = randomBytes(16).toString('hex');
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query(`CREATE ROLE temporal LOGIN CREATEDB PASSWORD '${password}'`).finally(() => admin.end());
  return Object.assign(new URL(adminUrl), { username: 'temporal', password });
}

async function makeNamespace(env: Record<string, string>): Promise<void> {
  const connection = await connectTemporal(readTemporalSettings(env), { timeoutMs: 0 });
  await ensureNamespace(connection, NAMESPACE).finally(() => connection.close());
}

/** @throws Error if somebody gets in who must not */
async function showRefusals({ environment, issuer }: Servers): Promise<void> {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: _cert, TEMPORAL_TLS_CLIENT_KEY_PATH: _key, ...noCertificate } = environment;
  const { TEMPORAL_API_KEY: _login, ...noLogin } = environment;
  const reader = { ...environment, TEMPORAL_API_KEY: issuer.login('stranger', ['elsewhere:admin']) };
  await expectRefusal('without a client certificate', noCertificate);
  await expectRefusal('without a login', noLogin);
  await expectRefusal("with another miner's login", reader);
}

async function expectRefusal(who: string, env: Record<string, string>): Promise<void> {
  const temporal = readTemporalSettings(env);
  try {
    const connection = await connectTemporalWorker(temporal, { timeoutMs: 0 });
    await connection.workflowService.describeNamespace({ namespace: NAMESPACE }).finally(() => connection.close());
  } catch (error) {
    console.log(`Refused ${who}: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
    return;
  }
  throw new Error(`Temporal let somebody in ${who}`);
}

function makeCertificates(directory: string, ...args: string[]): void {
  const { status, stderr, error } = spawnSync(MAKE_CERTIFICATES, [directory, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`deploy/make-certificates.sh failed: ${error?.message ?? stderr}`);
}
