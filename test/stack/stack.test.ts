import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { JsonRpcProvider } from 'ethers';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { environmentWithStack } from '../../local-stack/addresses.js';
import type { Home } from '../../local-stack/home.js';
import { nodeProgram } from '../../local-stack/node-program.js';
import { choosePort } from '../../local-stack/ports.js';
import { createDatabase } from '../../local-stack/postgres.js';
import { livingProcesses } from '../../local-stack/processes.js';
import { startStack, type Stack } from '../../local-stack/stack.js';
import { stopHome } from '../../local-stack/stop-home.js';
import { connectTemporalClient } from '../../platform/connect.js';
import { temporaryHome } from './temporary-home.js';

const BASE_ENV = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(ZKPOW_HOME|ZKPOW_RPC_URL|DATABASE_URL|TEMPORAL_.*)$/.test(name)),
);
const quiet = () => undefined;

async function start(home: Home, env: NodeJS.ProcessEnv = {}, report: (line: string) => void = quiet): Promise<Stack> {
  const stack = await startStack({
    env: { ...BASE_ENV, ZKPOW_HOME: home.directory, ...env },
    report,
    blockTimeSeconds: 1,
    restartEndedParts: false,
  });
  onTestFinished(() => stack.stop());
  return stack;
}

/** A program that starts a stack and keeps it, as `npm run stack` does, and is there to be killed. */
async function startInAnotherProcess(home: Home, env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
  const stackModule = new URL('../../local-stack/stack.ts', import.meta.url).href;
  const script = join(home.directory, 'start.mts');
  writeFileSync(
    script,
    `import { startStack } from '${stackModule}';
     await startStack({ env: process.env, report: () => {}, blockTimeSeconds: 1 });
     console.log('running');
     setInterval(() => {}, 1000);`,
  );
  const { command, args } = nodeProgram(script);
  const child = spawn(command, args, {
    env: { ...BASE_ENV, ZKPOW_HOME: home.directory, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('it ended before it ran')));
  await Promise.race([once(createInterface(child.stdout), 'line'), ended]);
  ended.catch(quiet);
  return child;
}

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** Leaves a trace in each part. */
async function leaveTraces(stack: Stack): Promise<void> {
  await query(stack.databaseUrl, 'create table trace (id int)');
  const client = await connectTemporalClient({
    connectionOptions: { address: stack.temporalAddress },
    namespace: stack.temporalNamespace,
  });
  await client.workflow.start('anything', { taskQueue: 'nobody', workflowId: 'trace' });
  await client.connection.close();
  const chain = new JsonRpcProvider(stack.rpcUrl);
  await chain.send('anvil_setBalance', [TRACE_ADDRESS, '0x7']);
  // The state is written every second, and copied when it is whole.
  const state = join(stack.home.data, 'chain-31337', 'state.json');
  for (const file of [state, `${state}.copy`]) {
    await expect.poll(() => readIfThere(file), { timeout: 20_000 }).toContain(`${TRACE_ADDRESS}":`);
  }
  chain.destroy();
}

const TRACE_ADDRESS = '0x00000000000000000000000000000000000000aa';

async function expectTraces(stack: Stack): Promise<void> {
  expect(await query(stack.databaseUrl, 'select * from trace')).toEqual([]);
  const client = await connectTemporalClient({
    connectionOptions: { address: stack.temporalAddress },
    namespace: stack.temporalNamespace,
  });
  expect((await client.workflow.getHandle('trace').describe()).status.name).toBe('RUNNING');
  await client.connection.close();
  const chain = new JsonRpcProvider(stack.rpcUrl);
  expect(await chain.getBalance(TRACE_ADDRESS)).toBe(7n);
  chain.destroy();
}

test('a start that was killed leaves nothing that stops the next: same data, same addresses', async () => {
  const home = temporaryHome();
  const first = await startInAnotherProcess(home);
  const left = livingProcesses(home.run);
  expect(left.map(({ name }) => name).sort()).toEqual(['anvil', 'postgres', 'temporal']);
  await expect(start(home)).rejects.toThrow(/A stack of process \d+ uses .*npm run stop/);

  first.kill('SIGKILL');
  await once(first, 'exit');
  const lines: string[] = [];
  const second = await start(home, {}, (line) => lines.push(line));
  expect(lines.join()).toContain('Ended what an earlier run left');
  await leaveTraces(second);

  // Now the parts are killed as well, and their postmaster.pid, write-ahead logs and pid files are left as they are.
  for (const part of second.parts.values()) process.kill(part.pid, 'SIGKILL');
  // Until then their ports are taken.
  await Promise.all([...second.parts.values()].map(({ exited }) => exited));
  second.leave();
  const third = await start(home);
  expect([third.temporalAddress, third.databaseUrl, third.rpcUrl]).toEqual([
    second.temporalAddress,
    second.databaseUrl,
    second.rpcUrl,
  ]);
  await expectTraces(third);

  // A state file cut off by a kill is replaced by its copy.
  await third.parts.get('anvil')?.stop();
  const state = join(home.data, 'chain-31337', 'state.json');
  writeFileSync(`${state}.copy`, readFileSync(state));
  truncateSync(state, 100);
  await third.restart('anvil');
  await expectTraces(third);
}, 180_000);

test('an interrupt ends every process; so does stop, whoever started them', async () => {
  const home = temporaryHome();
  const env = { TEMPORAL_ADDRESS: inject('temporalAddress') };
  const first = await startInAnotherProcess(home, env);
  // As a terminal and npm do: twice in a row.
  first.kill('SIGINT');
  first.kill('SIGINT');
  expect((await once(first, 'exit'))[0]).toBe(130);
  expect(livingProcesses(home.run)).toEqual([]);

  const second = await startInAnotherProcess(home, env);
  const exited = once(second, 'exit');
  await stopHome(home, quiet);
  expect((await exited)[0]).toBe(143);
  expect(livingProcesses(home.run)).toEqual([]);

  const third = await start(home, env);
  third.leave();
  expect(await stopHome(home, quiet)).toEqual(expect.arrayContaining(['anvil', 'postgres']));
  expect(await stopHome(home, quiet)).toEqual([]);
});

test('what settings name is used instead of being started, and other commands find the stack', async () => {
  const databaseUrl = await createDatabase(inject('postgresUrl'), `stack-${process.pid}`);
  const temporalAddress = inject('temporalAddress');
  const env = { TEMPORAL_ADDRESS: temporalAddress, TEMPORAL_NAMESPACE: 'another', DATABASE_URL: databaseUrl };
  const stack = await start(temporaryHome(), env);
  expect([...stack.parts.keys()]).toEqual(['anvil']);
  expect(stack).toMatchObject({ temporalAddress, temporalNamespace: 'another', databaseUrl });
  expect(stack).not.toHaveProperty('temporalUi');

  const found = environmentWithStack(stack.home.directory, { ZKPOW_CHAIN_ID: '5' });
  expect(found).toMatchObject({ ZKPOW_RPC_URL: stack.rpcUrl, DATABASE_URL: databaseUrl, ZKPOW_CHAIN_ID: '5' });

  const bob = await stack.addMiner(`bob-${process.pid}`);
  expect(bob.temporalNamespace).toBe(`bob-${process.pid}`);
  expect(await query(bob.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);

  const wrongChain = start(temporaryHome(), { ...env, ZKPOW_RPC_URL: stack.rpcUrl, ZKPOW_CHAIN_ID: '1' });
  await expect(wrongChain).rejects.toThrow(/chain id 31337, expected 1/);
});

test('when one part fails, the others are ended too, and its log is shown', async () => {
  const home = temporaryHome();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const address = taken.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const env = { ...BASE_ENV, ZKPOW_HOME: home.directory, TEMPORAL_ADDRESS: inject('temporalAddress') };
  const starting = startStack({ env, report: quiet, ports: { rpc: address.port } });
  await expect(starting).rejects.toThrow(/anvil ended with code 1.*anvil\.log:.*Address already in use/s);
  taken.close();
  expect(livingProcesses(home.run)).toEqual([]);
});

test('a part that ends by itself is started again, and programs of the stack get no keys', async () => {
  const home = temporaryHome();
  const env = {
    ...BASE_ENV,
    ZKPOW_HOME: home.directory,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    ZKPOW_PRIVATE_KEY: `0x${'11'.repeat(32)}`,
    ZKPOW_SEQUENCER_KEY: `0x${'22'.repeat(32)}`,
  };
  const stack = await startStack({ env, report: quiet, blockTimeSeconds: 1 });
  onTestFinished(() => stack.stop());
  const first = stack.parts.get('postgres');
  if (first === undefined) throw new Error('Postgres was not started');
  process.kill(first.pid, 'SIGKILL');
  await expect.poll(() => stack.parts.get('postgres')?.pid ?? first.pid, { timeout: 30_000 }).not.toBe(first.pid);
  expect(await query(stack.databaseUrl, 'select 1 as one')).toEqual([{ one: 1 }]);

  const code =
    'const { ZKPOW_PRIVATE_KEY, ZKPOW_SEQUENCER_KEY, DATABASE_URL, MINE } = process.env;' +
    'console.log(ZKPOW_PRIVATE_KEY, ZKPOW_SEQUENCER_KEY, DATABASE_URL, MINE)';
  const program = { name: 'program', command: process.execPath, args: ['--eval', code], env: { MINE: 'x' } };
  const started = await stack.startProcess(program);
  await started.exited;
  expect(readFileSync(started.logFile, 'utf8').trim()).toBe(`undefined undefined ${stack.databaseUrl} x`);
});

test('listens where the settings say, and lets programs in there with their password', async () => {
  const home = temporaryHome();
  const [temporalPort, postgresPort] = [await choosePort(undefined), await choosePort(undefined)];
  const stack = await start(home, {
    ZKPOW_LISTEN_ADDRESS: '0.0.0.0',
    ZKPOW_TEMPORAL_PORT: String(temporalPort),
    ZKPOW_POSTGRES_PORT: String(postgresPort),
  });
  expect(stack.temporalAddress).toBe(`127.0.0.1:${temporalPort}`);
  const outside = Object.values(networkInterfaces()).flat();
  const address = outside.find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address ?? '127.0.0.1';
  const url = new URL(stack.databaseUrl);
  expect(url.port).toBe(String(postgresPort));
  url.hostname = address;
  expect(await query(url.href, 'select 1 as one')).toEqual([{ one: 1 }]);
  url.password = 'wrong';
  await expect(query(url.href, 'select 1')).rejects.toThrow(/password authentication failed/);
  const client = await connectTemporalClient({ connectionOptions: { address: `${address}:${temporalPort}` } });
  await client.connection.close();
});

test("an address that is not this machine's is refused by name", async () => {
  const env = { ...BASE_ENV, ZKPOW_HOME: temporaryHome().directory, ZKPOW_LISTEN_ADDRESS: '192.0.2.1' };
  await expect(startStack({ env, report: quiet })).rejects.toThrow(/no address 192\.0\.2\.1.*ZKPOW_LISTEN_ADDRESS/);
});
