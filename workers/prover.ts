import type { NativeConnection } from '@temporalio/worker';
import { createProverActivities } from '../activities/proving/create-prover-activities.js';
import { createProverStore } from '../activities/storage/prover-store.js';
import type { ProverBackend } from '../domain/prover-backend.js';
import { proverQueue } from '../domain/names.js';
import { connectDatabase, connectTemporalWorker } from '../platform/connect.js';
import type { Logger } from '../platform/log.js';
import { findMachine, type Machine } from '../activities/proving/slots/machine.js';
import { measuredBackend } from '../activities/probes/measured-backend.js';
import { openBackend } from './open-backend.js';
import { ownProverProblems } from '../platform/settings/proof-system-problems.js';
import { withMachineDefaults } from './settings/prover-defaults.js';
import { requireSameCircuits } from './prover-circuits.js';
import { checkLogin, proverName } from './prover-login.js';
import { watchStanding } from './prover-standing.js';
import { createProverSlotSupplier, MAX_OPEN_CLAIMS } from '../activities/proving/slots/prover-slot-supplier.js';
import { logProof } from '../activities/proving/slots/proof-record.js';
import { createProverSlots } from '../activities/proving/slots/prover-slots.js';
import { runWorkers } from '../platform/run-workers.js';
import { rollupTypeProblems } from './settings/rollup-type-problems.js';
import { settings } from '../platform/settings/settings-table.js';
import { readWorkerSettings } from '../platform/settings/settings.js';
import { createSlotWorker, DRAIN_TIME } from '../activities/proving/slots/slot-worker.js';
import { watchCertificate } from '../platform/telemetry/certificate-watch.js';
import { startTelemetry } from '../platform/telemetry/telemetry.js';

const proverSettings = settings
  .pick({
    ...{ cache: true, databaseUrl: true, chainId: true, prover: true, trustedSetup: true, simulatedSeconds: true },
    ...{ simulatedSpread: true, simulatedSeed: true },
    ...{ slots: true, hardwareClass: true, rollupType: true, proverCommand: true },
  })
  .partial({ simulatedSeed: true, proverCommand: true });

type ProverSettings = ReturnType<typeof readWorkerSettings<(typeof proverSettings)['shape']>> & { machine: Machine };

/**
 * All that a mining machine is told; what it is not told of class and slots it finds out about itself.
 *
 * @throws SettingsError naming everything that is missing or wrong
 */
export async function readProverSettings(env: NodeJS.ProcessEnv): Promise<ProverSettings> {
  const machine = await findMachine(env);
  const read = readWorkerSettings(withMachineDefaults(env, machine), proverSettings, (texts) => [
    ...ownProverProblems(texts),
    ...rollupTypeProblems(texts),
  ]);
  return { ...read, machine };
}

/** A mining machine: takes tasks from one queue, one proof at a time a slot. Holds no key and reads no chain. */
export async function runProver(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const { given, temporal, machine } = await readProverSettings(env);
  const { metrics, workerOptions } = startTelemetry('prover', log, env);
  watchCertificate(temporal, { metrics, log });

  const pool = await connectDatabase(given.databaseUrl, (error) => log.warn({ error }, 'database connection lost'));
  let backend: ProverBackend | undefined;
  let connection: NativeConnection | undefined;
  let stopWatching: (() => void) | undefined;
  try {
    const store = createProverStore(pool);
    await checkLogin(store);
    const opened = measuredBackend(await openBackend(given, (message) => log.info(message)), metrics);
    backend = opened;
    await requireSameCircuits(store, opened, log);
    connection = await connectTemporalWorker(temporal);

    const stop = new AbortController();
    const onUnfit = (reason: string): void => stop.abort(new Error(`This machine takes no more tasks: ${reason}`));
    stopWatching = watchStanding(store, onUnfit);
    metrics.set('zkpow_prover_slots', given.slots, {});
    const { slots: count, hardwareClass, rollupType } = given;
    log.info({ ...machine, hardwareClass, slots: count, rollupType }, 'this machine');
    for (const trouble of machine.gpuTroubles) log.warn(`graphics cards: ${trouble}`);
    const slots = createProverSlots({
      count: given.slots,
      onProof: (record) => logProof(log, record),
      onRest: (restMs) => log.warn({ restMs }, 'failed again and again: this machine takes no task for a while'),
      onHandBack: (task, reason) => log.warn({ ...task, reason }, 'task handed back'),
    });
    const activities = createProverActivities({
      name: proverName(given.databaseUrl),
      store,
      backend: opened,
      slots,
      onUnfit,
    });
    const worker = await createSlotWorker({
      connection,
      ...(temporal.namespace === undefined ? {} : { namespace: temporal.namespace }),
      taskQueue: proverQueue(given.rollupType, given.hardwareClass),
      activities,
      supplier: createProverSlotSupplier(slots),
      maxPolls: MAX_OPEN_CLAIMS,
      shutdownGraceTime: DRAIN_TIME,
      ...workerOptions,
    });
    await runWorkers([worker], {
      log,
      stop: stop.signal,
      drain: () => slots.drain(),
      giveUp: async () => slots.giveUp(),
    });
  } finally {
    stopWatching?.();
    await backend?.close();
    await connection?.close();
    await pool.end();
  }
}
