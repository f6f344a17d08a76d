import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findSecrets } from '../platform/secrets/find-secrets.js';
import { createRedact, redactError, redactJsonLine } from '../platform/secrets/redact.js';
import { settings } from '../platform/settings/settings-table.js';
import { readSettings } from '../platform/settings/settings.js';
import { runScript } from './scripts/run-script.js';

const KEY = 'a1b2c3d4e5f60718293a4b5c6d7e8f90';
const QUERY_KEY = 'q9w8e7r6t5y4';

function redactWith(env: NodeJS.ProcessEnv, args: string[] = []) {
  return createRedact(findSecrets(env, args));
}

describe('secrets in a text', () => {
  const RPC = `https://node.example/v3/${KEY}?apikey=${QUERY_KEY}, http://user:swordfish1@127.0.0.1:8545`;
  const redact = redactWith({
    ZKPOW_RPC_URL: RPC,
    DATABASE_URL: 'postgresql://zkpow:pa%24%24word-1@db.example:5432/zkpow',
    ZKPOW_PRIVATE_KEY: `0x${'5a'.repeat(32)}`,
    TEMPORAL_API_KEY: 'temporal-key-1',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=trace-key-1',
    https_proxy: 'http://me:proxy-pass@proxy:3128',
  });

  test.each([
    ['the URL', `https://node.example/v3/${KEY}?apikey=${QUERY_KEY}`, 'https://node.example(not shown)?(not shown)'],
    ['its path alone', `POST /v3/${KEY} failed`, 'POST (not shown) failed'],
    ['its query alone', `?apikey=${QUERY_KEY}`, '?(not shown)'],
    ['the keys alone', `${KEY} ${QUERY_KEY}`, '(not shown) (not shown)'],
    ['user and password', 'http://user:swordfish1@127.0.0.1:8545', 'http://user:(not shown)@127.0.0.1:8545'],
    ['a login as a header', Buffer.from('user:swordfish1').toString('base64'), '(not shown)'],
    ['a password as it is written', 'pa%24%24word-1', '(not shown)'],
    ['a password as it is meant', 'pa$$word-1', '(not shown)'],
    ['a private key', `0x${'5a'.repeat(32)}`, '(not shown)'],
    ['what libraries read', 'temporal-key-1, trace-key-1, proxy-pass', '(not shown), (not shown), (not shown)'],
    ['nothing that is no secret', 'zkpow at db.example:5432, /v3/ at node.example', undefined],
  ])('are hidden: %s', (_, text, shown) => {
    expect(redact(text)).toBe(shown ?? text);
  });

  test('are found in options, and in URLs that are none', () => {
    expect(redactWith({}, ['--rpc-url', `wss://host/${KEY}`])(`no ${KEY}`)).toBe('no (not shown)');
    expect(redactWith({}, [`--rpc-url=wss://host/${KEY}`])(`no ${KEY}`)).toBe('no (not shown)');
    expect(redactWith({ ZKPOW_RPC_URL: `ht!tp://ho st/${KEY}` })(`no ${KEY}`)).toBe('no (not shown)');
    expect(redactWith({ ZKPOW_RPC_URL: `host.example/${KEY}` })(`host.example/${KEY}`)).toBe('(not shown)');
  });

  test('are hidden in an error and its causes, before it goes to Temporal', () => {
    const cause = new Error(`cause ${KEY}`);
    const error = redactError(new Error(`error ${KEY}`, { cause }), redact);
    expect(error).toMatchObject({ message: 'error (not shown)', cause: { message: 'cause (not shown)' } });
    expect(String(cause.stack)).not.toContain(KEY);
  });
});

describe('a short password', () => {
  const redact = redactWith({ DATABASE_URL: 'postgresql://zkpow:info@host/db' });

  test('is hidden as a whole value and in a URL, and does not damage other words', () => {
    expect(redact('info')).toBe('(not shown)');
    expect(redact('postgresql://zkpow:info@host/db')).toBe('postgresql://zkpow:(not shown)@host/db');
    expect(redact('more information')).toBe('more information');
  });

  test('leaves lines of JSON with their names, numbers and levels', () => {
    const one = redactWith({ DATABASE_URL: 'postgresql://zkpow:1@host/db' });
    const line = '{"level":"info","time":"1","1":1,"id":9007199254740993,"a":["1","11"],"msg":"1 \\"1\\" of 1"}\n';
    expect(redactJsonLine(line, one)).toBe(line.replace('["1"', '["(not shown)"'));
    expect(redactJsonLine('{"level":"info","password":"info"}', redact)).toBe(
      '{"level":"info","password":"(not shown)"}',
    );
  });
});

test('log lines stay JSON whatever the secret is', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'log.mts');
  writeFileSync(
    file,
    `import { createLog } from '${new URL('../platform/log.ts', import.meta.url).href}';
    const log = createLog('x', 'info', process.env);
    log.child({ name: 'quo"te\\\\slash' }).info({ error: new Error('quo"te\\\\slash', { cause: new Error('me') }), me: 1 }, 'me');
    log.info('see quo"te\\\\slash');`,
  );
  const { stdout } = await runScript(file, [], {
    ...{ TEMPORAL_API_KEY: 'quo"te\\slash', DATABASE_URL: 'postgresql://u:me@host/db' },
  });
  const lines = stdout
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(lines).toMatchObject([
    { level: 'info', name: '(not shown)', me: 1, msg: '(not shown)', error: { message: '(not shown): me' } },
    { msg: 'see (not shown)' },
  ]);
}, 60_000);

test.each([
  [`wss://host/${KEY}`, 'entry 1 of 1 begins with wss://'],
  [`https://good/${KEY}, ws://host/${KEY}`, 'entry 2 of 2 begins with ws://'],
  [`host.example/${KEY}`, 'entry 1 of 1 has no http://'],
  [`http://host/${KEY},`, 'entry 2 of 2 is empty'],
  [`http://ho st/${KEY}`, 'entry 1 of 1 is no URL'],
])('an endpoint that is none is named without its key: %s', (url, problem) => {
  const read = () => readSettings({ ZKPOW_RPC_URL: url }, settings.pick({ rpcUrls: true }));
  expect(read).toThrow(`ZKPOW_RPC_URL is (not shown: ${problem}): expected one or several http:// or https:// URLs`);
  expect(read).not.toThrow(KEY);
});
