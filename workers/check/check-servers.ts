import { performance } from 'node:perf_hooks';
import type { ClientConnectConfig } from '@temporalio/envconfig';
import type pg from 'pg';
import { z } from 'zod';
import { selectCircuits } from '../../activities/storage/circuits.js';
import { selectRow } from '../../activities/storage/database.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import type { ProverBackend } from '../../domain/prover-backend.js';
import { connectDatabase, connectTemporal } from '../../platform/connect.js';
import { circuitDifference } from '../prover-circuits.js';
import { checkLogin, proverName } from '../prover-login.js';
import { certificateNote, clientCertificateEnd } from '../../platform/settings/tls-problems.js';
import { readTaskQueue } from '../../platform/task-queue.js';
import { CheckFailedError } from './check-line.js';

/** A person waits. */
const PATIENCE = { timeoutMs: 5_000 };
const LOOPBACK = /^(localhost|127\.|\[?::1)/;

/** That Temporal answers, knows the namespace, and lets this machine ask for its queue. */
export async function checkTemporal(temporal: ClientConnectConfig, taskQueue: string): Promise<string> {
  const { connectionOptions, namespace = 'default' } = temporal;
  const { address = 'localhost:7233', tls } = connectionOptions;
  const connection = await connectTemporal(temporal, PATIENCE);
  try {
    const begun = performance.now();
    const { workflowService } = connection;
    const { pollers } = await readTaskQueue(workflowService, namespace, taskQueue).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new CheckFailedError(
        `${address} answers, but not about ${taskQueue} in namespace ${namespace} (${reason}): ` +
          'set TEMPORAL_NAMESPACE and, if it wants a login, TEMPORAL_API_KEY to what your miner gave you',
      );
    });
    const away = `${Math.round(performance.now() - begun)} ms away`;
    const others = `${pollers.length} machines ask for ${taskQueue}`;
    return `${address}, namespace ${namespace}, ${away}, ${tlsText(connectionOptions, address, Boolean(tls))}; ${others}`;
  } finally {
    await connection.close();
  }
}

function tlsText(options: ClientConnectConfig['connectionOptions'], address: string, tls: boolean): string {
  if (!tls) return LOOPBACK.test(address) ? 'on this machine' : 'NOT encrypted: only inside a network you trust';
  const end = clientCertificateEnd(options);
  if (!end) return 'TLS';
  const soon = certificateNote(end, new Date()) === null ? '' : ': renew it';
  return `TLS, client certificate until ${end.toISOString().slice(0, 10)}${soon}`;
}

/** Connects with this machine's login. The pool is the caller's to end. */
export async function openArtifactDatabase(databaseUrl: string): Promise<{ pool: pg.Pool; text: string }> {
  const pool = await connectDatabase(databaseUrl, () => undefined, PATIENCE);
  try {
    const begun = performance.now();
    await checkLogin(createProverStore(pool));
    const away = `${Math.round(performance.now() - begun)} ms away`;
    const row = z.object({ ssl: z.boolean() });
    const session = await selectRow(pool, row, 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    const { host, searchParams } = new URL(databaseUrl);
    const encrypted = session?.ssl || searchParams.has('sslmode');
    const how = encrypted ? 'TLS' : LOOPBACK.test(host) ? 'on this machine' : 'NOT encrypted: add ?sslmode=verify-full';
    return { pool, text: `${host} as prover ${proverName(databaseUrl)}, ${away}, ${how}` };
  } catch (error) {
    await pool.end();
    throw error;
  }
}

/** That this machine has the circuits and keys with which the aggregator checks. */
export async function checkCircuits(pool: pg.Pool, backend: ProverBackend): Promise<string> {
  const known = (await selectCircuits(pool)).filter(({ proofSystem }) => proofSystem === backend.proofSystem);
  if (known.length === 0) {
    throw new CheckFailedError(
      `the aggregator has not said that it works with ${backend.proofSystem} proofs: ` +
        'start it, or set ZKPOW_PROVER to its proof system',
    );
  }
  const difference = circuitDifference(known, backend);
  if (difference !== null) throw new CheckFailedError(difference);
  return `${backend.proofSystem}, the same ${known.length} circuits as the aggregator`;
}
