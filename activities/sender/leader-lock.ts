import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { createOneAtATime } from './one-at-a-time.js';
import type { Queryable } from './ports.js';

/** The server ends the session of a holder that is silent for so long. */
const IDLE_TIMEOUT_MS = 10_000;
const PING_INTERVAL_MS = 2_000;
/** With the ping's interval less than the idle timeout: a cut-off holder stops before another can start. */
const PING_TIMEOUT_MS = 5_000;
const RETRY_INTERVAL_MS = 500;

export interface LeaderLockOptions {
  databaseUrl: string;
  chainId: number;
  /** Address of the wallet. */
  wallet: string;
  log: Logger;
}

/** Leadership over one wallet on one chain, for as long as `lost` is not aborted. */
export interface Leadership {
  /** The connection that holds the lock: whatever is written over it was written by the leader. */
  database: Queryable;
  /** Aborted when the lock is lost: another sender may lead already. */
  lost: AbortSignal;
  /** Asks the server, so that a loss nobody has noticed yet is noticed. */
  isHeld(): Promise<boolean>;
  /** Ends the connection, and with it the lock. */
  release(): Promise<void>;
}

/** Takes the lock of a wallet; others wait for it. One that was lost or released may be taken again. */
export interface LeaderLock {
  /** Waits until this process leads, also while the database is away. Rejects when the signal is aborted. */
  acquire(signal?: AbortSignal): Promise<Leadership>;
}

/**
 * One sender per (chain, wallet): a Postgres advisory lock that lives as long as its session. The server ends a session
 * that is silent for 10 s, so a frozen holder loses it; the holder pings and stops by itself when no answer comes.
 */
export function createLeaderLock(options: LeaderLockOptions): LeaderLock {
  const { log, wallet } = options;
  return {
    async acquire(signal) {
      let told = '';
      for (;;) {
        signal?.throwIfAborted();
        const answer = await tryAcquire(options).catch(describe);
        if (typeof answer !== 'string') return answer;
        if (answer !== told) log.info({ wallet, reason: answer }, 'waiting for the lock of this wallet');
        told = answer;
        await delay(RETRY_INTERVAL_MS, undefined, signal && { signal });
      }
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @returns the leadership, or why there is none now */
async function tryAcquire({ databaseUrl, chainId, wallet, log }: LeaderLockOptions): Promise<Leadership | string> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    application_name: `zkpow sender ${chainId} ${wallet}`,
    connectionTimeoutMillis: PING_TIMEOUT_MS,
    query_timeout: PING_TIMEOUT_MS,
    keepAlive: true,
  });
  let connected = true;
  let onBreak = (_reason: string): void => void (connected = false);
  client.on('error', (error) => onBreak(error.message));
  client.on('end', () => onBreak('the connection has ended'));

  await client.connect();
  try {
    for (const [name, value] of SESSION_SETTINGS) await client.query(`SET ${name} = ${value}`);
    const { rows } = await client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked',
      [`sender/${chainId}/${wallet}`],
    );
    if (!rows[0]?.locked || !connected) {
      await client.end();
      return 'another sender leads';
    }
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }

  const oneAtATime = createOneAtATime();
  const lost = new AbortController();
  let released = false;
  const lose = (reason: string): void => {
    if (released || lost.signal.aborted) return;
    clearInterval(pings);
    lost.abort(new Error(`leadership over ${wallet} lost: ${reason}`));
    log.error({ wallet, reason }, 'leadership lost: this sender stops');
    client.end().catch(() => undefined);
  };
  onBreak = lose;
  const ping = () => oneAtATime(() => client.query('SELECT 1')).catch((error: Error) => lose(error.message));
  const pings = setInterval(() => void ping(), PING_INTERVAL_MS);

  log.info({ wallet, chainId }, 'this sender leads');
  return {
    database: { query: (text, values) => oneAtATime(() => client.query(text, values)) },
    lost: lost.signal,
    async isHeld() {
      if (!released && !lost.signal.aborted) await ping();
      return !released && !lost.signal.aborted;
    },
    async release() {
      released = true;
      clearInterval(pings);
      if (!lost.signal.aborted) await client.end();
    },
  };
}

/** What makes the server end the session of a holder that is frozen, cut off or stuck. */
const SESSION_SETTINGS: [string, string][] = [
  ['idle_session_timeout', `'${IDLE_TIMEOUT_MS}ms'`],
  ['idle_in_transaction_session_timeout', `'${IDLE_TIMEOUT_MS}ms'`],
  ['statement_timeout', `'${PING_TIMEOUT_MS}ms'`],
  ['lock_timeout', `'${PING_TIMEOUT_MS}ms'`],
  ['tcp_keepalives_idle', '2'],
  ['tcp_keepalives_interval', '2'],
  ['tcp_keepalives_count', '3'],
  ['tcp_user_timeout', `'${IDLE_TIMEOUT_MS}ms'`],
];
