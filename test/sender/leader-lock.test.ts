import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { pino } from 'pino';
import { beforeEach, describe, expect, inject, test } from 'vitest';
import { createLeaderLock } from '../../activities/sender/leader-lock.js';
import { createDatabase } from '../../local-stack/postgres.js';

const WALLET = '0x00000000000000000000000000000000000000A1';
let databaseUrl: string;

beforeEach(async () => {
  databaseUrl = await createDatabase(inject('postgresUrl'), `lock-${randomUUID()}`);
});

function lockOf(wallet = WALLET) {
  return createLeaderLock({ databaseUrl, chainId: 1, wallet, log: pino({ level: 'silent' }) });
}

/** Ends the sessions of all holders, as the server does with an idle one or when it dies. */
async function endSessions(): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = current_database() AND application_name LIKE 'zkpow sender%'`,
  );
  await client.end();
}

describe('the leader lock', () => {
  test('has one holder; the next leads when it is given back', async () => {
    const first = await lockOf().acquire();
    let led = false;
    const waiting = lockOf()
      .acquire()
      .then((leadership) => {
        led = true;
        return leadership;
      });
    const other = await lockOf('0x00000000000000000000000000000000000000B2').acquire();
    expect(led).toBe(false);

    await first.release();
    await (await waiting).release();
    await other.release();
  });

  test('waiting for it ends with the signal', async () => {
    const first = await lockOf().acquire();
    const end = new AbortController();
    const waiting = lockOf().acquire(end.signal);
    end.abort(new Error('told to end'));
    await expect(waiting).rejects.toThrow();
    await first.release();
  });

  test('a holder whose session ended is told, and can write nothing more', async () => {
    const lock = lockOf();
    const { database, lost, isHeld, release } = await lock.acquire();
    await database.query('CREATE TABLE written (line text)');
    expect(await isHeld()).toBe(true);
    await endSessions();
    expect(await isHeld()).toBe(false);
    expect(lost.aborted).toBe(true);

    await expect(database.query(`INSERT INTO written VALUES ('too late')`)).rejects.toThrow();
    await release();
    // The same lock may be taken again: a sender leads anew without being started again.
    const next = await lock.acquire();
    expect((await next.database.query('SELECT * FROM written')).rows).toEqual([]);
    await next.release();
  });

  test('a frozen holder loses it to another, and learns of it when it wakes up', async () => {
    const program = fileURLToPath(new URL('hold-leader-lock.ts', import.meta.url));
    const holder = spawn(process.execPath, ['--import', 'tsx', program, databaseUrl, WALLET], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface(holder.stdout)[Symbol.asyncIterator]();
    expect((await lines.next()).value).toBe('leads');

    holder.kill('SIGSTOP');
    const next = await lockOf().acquire();
    holder.kill('SIGCONT');
    const exited = once(holder, 'exit');
    expect((await lines.next()).value).toBe('lost');
    await exited;
    expect(next.lost.aborted).toBe(false);
    await next.release();
  });
});
