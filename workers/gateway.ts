import type { NativeConnection, Worker } from '@temporalio/worker';
import { z } from 'zod';
import { createProverActivities } from '../activities/proving/create-prover-activities.js';
import { createProverStore } from '../activities/storage/prover-store.js';
import { startGatewayServer, type GatewayServer } from '../provers/gateways/polygon-zkevm/gateway-server.js';
import { createProverPool, type ZkevmProverPool } from '../provers/gateways/polygon-zkevm/prover-pool.js';
import { openZkevmVerifier, type ZkevmVerifier } from '../provers/gateways/polygon-zkevm/zkevm-verifier.js';
import { createZkevmProverBackend } from '../provers/gateways/polygon-zkevm/zkevm-prover-backend.js';
import { proverQueue } from '../domain/names.js';
import { connectDatabase, connectTemporalWorker } from '../platform/connect.js';
import {
  createIdleProverSlots,
  usableProvers,
  type IdleProverSlots,
} from '../activities/proving/slots/idle-prover-slots.js';
import { logProof } from '../activities/proving/slots/proof-record.js';
import type { Logger } from '../platform/log.js';
import { measuredBackend } from '../activities/probes/measured-backend.js';
import { requireSameCircuits } from './prover-circuits.js';
import { checkLogin, proverName } from './prover-login.js';
import { watchStanding } from './prover-standing.js';
import { runWorkers } from '../platform/run-workers.js';
import { rollupTypeProblems } from './settings/rollup-type-problems.js';
import { settingInfo } from '../platform/settings/setting-info.js';
import { settings } from '../platform/settings/settings-table.js';
import { readWorkerSettings } from '../platform/settings/settings.js';
import { createSlotWorker, DRAIN_TIME, type SlotWorkerOptions } from '../activities/proving/slots/slot-worker.js';
import { watchCertificate } from '../platform/telemetry/certificate-watch.js';
import { startTelemetry } from '../platform/telemetry/telemetry.js';

/** Most requests for tasks that are open at the same time; each idle prover is good for one. */
const MAX_POLLS = 10;

/** Without a default: the tasks of another family would all fail here. */
const rollupType = z
  .string()
  .min(1)
  .register(settingInfo, {
    env: 'ZKPOW_ROLLUP_TYPE',
    description: 'Rollup type of the zkEVM family that is proved: decides which queue is worked on.',
    expected: 'the name of a rollup type',
    usedBy: ['gateway'],
  });

const wantedSettings = settings
  .pick({ databaseUrl: true, hardwareClass: true, gatewayAddress: true, forkId: true, proverCommand: true })
  .partial({ proverCommand: true })
  .extend({ rollupType });

/** A prover worker without a prover of its own: those of the zkEVM family dial in, and each idle one is a slot. */
export async function runGateway(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const { given, temporal } = readWorkerSettings(env, wantedSettings, rollupTypeProblems);
  const { metrics, workerOptions } = startTelemetry('gateway', log, env);
  watchCertificate(temporal, { metrics, log });

  const database = await connectDatabase(given.databaseUrl, (error) => log.warn({ error }, 'database connection lost'));
  let verifier: ZkevmVerifier | undefined;
  let connection: NativeConnection | undefined;
  let stopWatching: (() => void) | undefined;
  let server: GatewayServer | undefined;
  try {
    const store = createProverStore(database);
    await checkLogin(store);
    verifier = given.proverCommand ? await openZkevmVerifier(given.proverCommand, given.forkId) : undefined;
    if (!verifier) log.warn('ZKPOW_PROVER_COMMAND is not set: a bad proof sets this whole gateway aside');
    const pool = createProverPool({ forkId: given.forkId });
    logProvers(pool, log);
    const showSlots = (): void => metrics.set('zkpow_prover_slots', usableProvers(pool), {});
    pool.events.on('state', showSlots);
    showSlots();
    const verifyProof = verifier?.verify;
    const made = createZkevmProverBackend({ pool, forkId: given.forkId, ...(verifyProof && { verifyProof }) });
    const backend = measuredBackend(made, metrics);
    await requireSameCircuits(store, backend, log);
    connection = await connectTemporalWorker(temporal);

    // Before the worker: one that is made and never run cannot be closed.
    server = await startGatewayServer(given.gatewayAddress, pool);
    log.info({ address: given.gatewayAddress, forkId: given.forkId }, 'provers can dial in');

    const stop = new AbortController();
    const onUnfit = (reason: string): void => stop.abort(new Error(`This gateway takes no more tasks: ${reason}`));
    stopWatching = watchStanding(store, onUnfit);
    const slots = createIdleProverSlots(pool, {
      onProof: (record) => logProof(log, record),
      onRest: (restMs) => log.warn({ restMs }, 'failed again and again: this gateway takes no task for a while'),
    });
    const activities = createProverActivities({
      ...{ name: proverName(given.databaseUrl), store, backend, slots: slots.proofs },
      onUnfit,
    });
    const taskQueue = proverQueue(given.rollupType, given.hardwareClass);
    const worker = await createGatewayWorker({
      ...{ connection, taskQueue, slots, activities, shutdownGraceTime: DRAIN_TIME, ...workerOptions },
      ...(temporal.namespace === undefined ? {} : { namespace: temporal.namespace }),
    });
    // Without its provers a proof in hand fails at once and goes elsewhere.
    await runWorkers([worker], { log, stop: stop.signal, giveUp: () => backend.close() });
  } finally {
    stopWatching?.();
    await server?.close();
    await verifier?.close();
    await connection?.close();
    await database.end();
  }
}

export interface GatewayWorkerOptions extends Omit<SlotWorkerOptions, 'supplier' | 'maxPolls'> {
  slots: IdleProverSlots;
}

/** A worker that asks for a task only while a prover is idle. */
export function createGatewayWorker({ slots, ...options }: GatewayWorkerOptions): Promise<Worker> {
  return createSlotWorker({ ...options, supplier: slots.supplier, maxPolls: MAX_POLLS });
}

function logProvers({ events }: ZkevmProverPool, log: Logger): void {
  events.on('connected', (prover, peer) => log.info({ prover, peer }, 'a prover dialled in'));
  events.on('disconnected', (prover, reason) => log.warn({ prover, reason }, 'a prover went away'));
  events.on('refused', (reason, peer) => log.warn({ reason, peer }, 'a prover was sent away'));
  events.on('state', (prover) => {
    if (prover.state === 'set aside') log.error({ prover }, 'a prover is set aside: it gets no more work');
    else log.debug({ prover }, 'a prover changed its state');
  });
}
