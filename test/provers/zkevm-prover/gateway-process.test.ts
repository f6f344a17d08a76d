import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { upsertCircuits } from '../../../activities/storage/circuits.js';
import { grantProver, proverDatabaseUrl } from '../../../activities/storage/prover-roles.js';
import { zkevmCircuitId } from '../../../provers/gateways/polygon-zkevm/zkevm-prover-backend.js';
import { choosePort } from '../../../local-stack/ports.js';
import { openTestDatabase, type TestDatabase } from '../../support/database.js';
import { openTestNamespace, type TestNamespace } from '../../support/temporal.js';
import { madeWithGo } from '../../support/made-with-go.js';
import { buildProverProgram } from './build-prover-program.js';
import { startTestProver } from './test-prover.js';

const MAIN = fileURLToPath(new URL('../../../workers/main.ts', import.meta.url));
const logLine = z.looseObject({ msg: z.string() });

const builtProgram = madeWithGo(buildProverProgram);
let temporal: TestNamespace;
let database: TestDatabase;
let login: string;
beforeAll(async () => {
  temporal = await openTestNamespace();
  database = await openTestDatabase();
  login = proverDatabaseUrl(database.url, await grantProver(database.pool, 'gateway'));
}, 600_000);
afterAll(async () => {
  await temporal.close();
  await database.close();
});

interface Gateway {
  process: ChildProcess;
  /** Resolves with the first line of the log that says so. */
  said(message: string): Promise<z.infer<typeof logLine>>;
  /** Exit code, and all that was written to the standard error. */
  ended: Promise<{ code: number | null; errors: string }>;
}

function startGateway(env: Record<string, string>): Gateway {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, 'gateway'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...{ PATH: process.env['PATH'], HOME: process.env['HOME'], TEMPORAL_ADDRESS: inject('temporalAddress') },
      ...{
        TEMPORAL_NAMESPACE: temporal.namespace,
        DATABASE_URL: login,
        ZKPOW_FORK_ID: '9',
        // The project ships no type of the family; which one it is makes no difference before a task comes.
        ZKPOW_ROLLUP_TYPE: 'transfers',
        ...env,
      },
    },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines: z.infer<typeof logLine>[] = [];
  const watchers = new Set<() => void>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(logLine.parse(JSON.parse(line)));
    watchers.forEach((look) => look());
  });
  return {
    process: child,
    said: (message) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = lines.find(({ msg }) => msg === message);
          if (found) resolve(found);
        };
        watchers.add(look);
        look();
      }),
    ended: once(child, 'close').then(() => ({ code: child.exitCode, errors })),
  };
}

describe('npm run worker -- gateway', () => {
  test('lets provers dial in, sends those of another fork away, and ends when it is told to', async ({ skip }) => {
    const program = builtProgram({ skip });
    const port = await choosePort(undefined);
    const gateway = startGateway({ ZKPOW_GATEWAY_ADDRESS: `127.0.0.1:${port}` });
    expect(await gateway.said('provers can dial in')).toMatchObject({ forkId: 9, role: 'gateway' });
    startTestProver(program, { port, name: 'rig' });
    expect(await gateway.said('a prover dialled in')).toMatchObject({ prover: { name: 'rig' } });
    startTestProver(program, { port, name: 'old', fork: 8 });
    expect(await gateway.said('a prover was sent away')).toMatchObject({ level: 'warn' });
    gateway.process.kill('SIGTERM');
    expect((await gateway.ended).code).toBe(0);
  });

  test('lets no prover dial in before its miner works with the circuits of the same fork', async () => {
    const tell = (fork: number) => {
      const circuitId = zkevmCircuitId('final', fork);
      return upsertCircuits(database.pool, [{ proofSystem: 'zkevm-prover', kind: 'final', circuitId }]);
    };
    await tell(8);
    const port = await choosePort(undefined);
    const gateway = startGateway({ ZKPOW_GATEWAY_ADDRESS: `127.0.0.1:${port}` });
    const dialIn = gateway.said('provers can dial in').then(() => 'provers can dial in');
    const waiting = gateway.said('waiting for the aggregator to come to the same circuits').then(() => 'waiting');
    expect(await Promise.race([waiting, dialIn])).toBe('waiting');
    await tell(9);
    await dialIn;
  });

  test('names what is not set', async () => {
    const { code, errors } = await startGateway({ ZKPOW_FORK_ID: '', DATABASE_URL: '', ZKPOW_ROLLUP_TYPE: '' }).ended;
    expect(code).toBe(2);
    expect(errors).toContain('ZKPOW_FORK_ID is not set: expected a whole number, at least 7');
    expect(errors).toContain('DATABASE_URL is not set');
    expect(errors).toContain('ZKPOW_ROLLUP_TYPE is not set');
  });

  test('names the rollup types there are where it is told another: nobody would ever fill its queue', async () => {
    const { code, errors } = await startGateway({ ZKPOW_ROLLUP_TYPE: 'zkevn' }).ended;
    expect(code).toBe(2);
    expect(errors).toMatch(/ZKPOW_ROLLUP_TYPE: Unknown rollup type "zkevn", known: transfers/);
  });

  test('refuses a login that is not that of a prover', async () => {
    const { code, errors } = await startGateway({ DATABASE_URL: database.url }).ended;
    expect(code).toBe(1);
    expect(errors).toContain('is not that of a prover');
  });

  test('says that its address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const address = other.address();
    if (address === null || typeof address === 'string') throw new Error('the server listens on a port');
    const { code, errors } = await startGateway({ ZKPOW_GATEWAY_ADDRESS: `127.0.0.1:${address.port}` }).ended;
    expect(code).toBe(1);
    expect(errors).toMatch(/cannot listen on .*choose another address/);
  });
});
