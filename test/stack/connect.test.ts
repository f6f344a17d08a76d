import { expect, inject, test } from 'vitest';
import { createDatabase } from '../../local-stack/postgres.js';
import { startAnvil } from '../../local-stack/anvil.js';
import { choosePort } from '../../local-stack/ports.js';
import { connectDatabase, connectTemporal, connectTemporalWorker } from '../../platform/connect.js';
import { connectEndpoints } from '../../activities/chain/connect-endpoints.js';
import { temporaryHome } from './temporary-home.js';

const ONCE = { timeoutMs: 0 };
const ignore = () => undefined;

test('a Temporal server that does not answer is named, with what to do', async () => {
  const address = `127.0.0.1:${await choosePort(undefined)}`;
  const message = new RegExp(`Cannot reach Temporal at ${address} .*npm run stack.*TEMPORAL_ADDRESS`, 's');
  await expect(connectTemporal({ connectionOptions: { address } }, ONCE)).rejects.toThrow(message);
  await expect(connectTemporalWorker({ connectionOptions: { address } }, ONCE)).rejects.toThrow(message);
});

test('a database that does not answer is named without its password, with what to do', async () => {
  const place = `127.0.0.1:${await choosePort(undefined)}`;
  const connecting = connectDatabase(`postgresql://user:hunter2@${place}/db`, ignore, ONCE);
  await expect(connecting).rejects.toThrow(new RegExp(`Cannot reach the database at ${place} .*DATABASE_URL`, 's'));
  await expect(connecting).rejects.not.toThrow(/hunter2/);
});

test('a database that is not there is named', async () => {
  const url = new URL(inject('postgresUrl'));
  url.pathname = '/no_such_database';
  await expect(connectDatabase(url.href, ignore, ONCE)).rejects.toThrow(/"no_such_database" does not exist/);
});

test('a database is made once and found again', async () => {
  const name = `made-${process.pid}`;
  const url = await createDatabase(inject('postgresUrl'), name);
  expect(await createDatabase(inject('postgresUrl'), name)).toBe(url);
  const pool = await connectDatabase(url, ignore);
  const { rows } = await pool.query<{ current_database: string }>('select current_database()');
  expect(rows).toEqual([{ current_database: name }]);
  await pool.end();
});

test('a base chain that does not answer is named without its path, with what to do', async () => {
  const place = `127.0.0.1:${await choosePort(undefined)}`;
  const connecting = connectEndpoints({ rpcUrls: [`http://${place}/api-key`], chainId: 31337 }, ONCE);
  await expect(connecting).rejects.toThrow(new RegExp(`Cannot reach the base chain at ${place} .*ZKPOW_RPC_URL`, 's'));
  await expect(connecting).rejects.not.toThrow(/api-key/);
});

test('a chain with another id is refused at once; a second endpoint that is down is not', async () => {
  const home = temporaryHome();
  const port = await choosePort(undefined);
  await startAnvil({ home, port, chainId: 31337, blockTimeSeconds: 1, env: process.env, report: ignore });
  const rpcUrl = `http://127.0.0.1:${port}`;
  const wrong = connectEndpoints({ rpcUrls: [rpcUrl], chainId: 1 });
  await expect(wrong).rejects.toThrow(/has chain id 31337, expected 1.*ZKPOW_CHAIN_ID/s);

  const down = `http://127.0.0.1:${await choosePort(undefined)}`;
  const endpoints = await connectEndpoints({ rpcUrls: [down, rpcUrl], chainId: 31337 });
  expect((await endpoints.latest()).number).toBeGreaterThanOrEqual(0);
  endpoints.close();
});
