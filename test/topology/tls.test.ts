import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { connectDatabase, connectTemporal, connectTemporalWorker } from '../../platform/connect.js';
import { WrongPartError } from '../../platform/retried.js';
import { readTemporalSettings, SettingsError } from '../../platform/settings/settings.js';
import { makeCertificates, type Certificates } from './certificates.js';
import { startPostgresTlsProxy, startTlsProxy, type TlsProxy } from './tls-proxy.js';

// What a machine with wrong certificates is told: by the worker's own connection, which fails within milliseconds.
const ONCE = { timeoutMs: 0 };
let ours: Certificates;
let foreign: Certificates;
let temporal: TlsProxy;
let database: TlsProxy;

beforeAll(async () => {
  ours = makeCertificates();
  foreign = makeCertificates();
  const targetPort = Number(inject('temporalAddress').split(':')[1]);
  temporal = await startTlsProxy({ targetPort, ...ours.server });
  database = await startPostgresTlsProxy({ targetPort: Number(new URL(inject('postgresUrl')).port), ...ours.server });
});
afterAll(async () => {
  await temporal.close();
  await database.close();
  for (const { directory } of [ours, foreign]) rmSync(directory, { recursive: true });
});

function settingsFor(env: Record<string, string>) {
  return readTemporalSettings({ TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`, ...env });
}

describe('Temporal behind TLS that asks for client certificates', () => {
  test('takes a worker and a client with a certificate of its authority', async () => {
    const right = settingsFor(ours.clientSettings('rig-1'));
    const worker = await connectTemporalWorker(right, ONCE);
    await worker.close();
    const client = await connectTemporal(right, ONCE);
    await client.close();
  });

  test.each<[string, () => Record<string, string>, RegExp]>([
    [
      'no certificate',
      () => ({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.authorityFile }),
      /wants a client certificate.*CLIENT_CERT/,
    ],
    [
      'one that ran out',
      () => ours.clientSettings('rig-3', -1),
      /CN=rig-3 ran out on .*have a new one made.*CLIENT_CERT/,
    ],
    [
      'one of another authority',
      () => ({ ...foreign.clientSettings('rig-4'), TEMPORAL_TLS_SERVER_CA_CERT_PATH: ours.authorityFile }),
      /does not take the client certificate.*CLIENT_CERT/,
    ],
    [
      'the wrong authority for the server',
      () => ({ ...ours.clientSettings('rig-5'), TEMPORAL_TLS_SERVER_CA_CERT_PATH: foreign.authorityFile }),
      /not from the authority in TEMPORAL_TLS_SERVER_CA_CERT_PATH/,
    ],
    [
      "another's key",
      () => ({
        ...ours.clientSettings('rig-6'),
        TEMPORAL_TLS_CLIENT_KEY_PATH: ours.clientSettings('rig-7')['TEMPORAL_TLS_CLIENT_KEY_PATH'] ?? '',
      }),
      /CN=rig-6 belongs to another key.*CLIENT_KEY/,
    ],
    [
      "a name that is not the server's",
      () => ({ ...ours.clientSettings('rig-8'), TEMPORAL_TLS_SERVER_NAME: 'elsewhere.example' }),
      /certificate is for another name.*TEMPORAL_TLS_SERVER_NAME/,
    ],
    ['no TLS at all', () => ({}), /wants TLS: set TEMPORAL_TLS=true/],
  ])('with %s: says at once what to change', async (_what, env, message) => {
    const connecting = connectTemporalWorker(settingsFor(env()));
    await expect(connecting).rejects.toThrow(WrongPartError);
    await expect(connecting).rejects.toThrow(message);
  });

  test('a file that is not there is named together with all other settings', () => {
    const env = { ...ours.clientSettings('rig-9'), TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/no/such/ca.crt' };
    expect(() => settingsFor(env)).toThrow(SettingsError);
    expect(() => settingsFor(env)).toThrow(/no\/such\/ca\.crt/);
  });

  test('TLS towards a server without it', async () => {
    const env = { ...ours.clientSettings('rig-10'), TEMPORAL_ADDRESS: inject('temporalAddress') };
    await expect(connectTemporalWorker(readTemporalSettings(env))).rejects.toThrow(/speaks no TLS: unset TEMPORAL_TLS/);
  });
});

describe('Postgres behind TLS', () => {
  function urlWith(parameters: string): string {
    const url = new URL(inject('postgresUrl'));
    url.port = String(database.port);
    return `${url.href}?${parameters}`;
  }

  test('is reached with the certificate of its authority', async () => {
    const pool = await connectDatabase(
      urlWith(`sslmode=verify-full&sslrootcert=${ours.authorityFile}`),
      () => undefined,
    );
    await pool.end();
  });

  test.each<[string, () => string, RegExp]>([
    ['no authority', () => 'sslmode=verify-full', /not from an authority that DATABASE_URL names.*sslrootcert=FILE/],
    ['the wrong authority', () => `sslmode=verify-full&sslrootcert=${foreign.authorityFile}`, /sslrootcert=FILE/],
    ['a file that is not there', () => 'sslmode=verify-full&sslrootcert=/no/such/ca.crt', /cannot be read.*ca\.crt/],
  ])('with %s: says at once what to change, without the password', async (_what, parameters, message) => {
    const connecting = connectDatabase(urlWith(parameters()), () => undefined);
    await expect(connecting).rejects.toThrow(message);
    await expect(connecting).rejects.toThrow(WrongPartError);
    await expect(connecting).rejects.not.toThrow(new RegExp(new URL(inject('postgresUrl')).password || 'postgres:'));
  });
});
