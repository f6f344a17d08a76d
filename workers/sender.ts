import { Worker, type NativeConnection } from '@temporalio/worker';
import { getAddress, parseUnits, type Wallet } from 'ethers';
import { z } from 'zod';
import { createSequenceViewReader } from '../activities/chain/sequence-view-reader.js';
import { createSenderActivities } from '../activities/sender/create-sender-activities.js';
import { createLeaderLock, type LeaderLock, type Leadership } from '../activities/sender/leader-lock.js';
import { createProofSender, type ProofSender } from '../activities/sender/proof-sender.js';
import { createStepRows } from '../activities/sender/step-rows.js';
import { createSenderFinalProofs } from '../activities/sender/stored-final-proofs.js';
import { createWalletRpc } from '../activities/sender/wallet-rpc.js';
import { openWallet } from '../activities/sender/wallet.js';
import { senderQueue } from '../domain/names.js';
import { connectTemporalWorker } from '../platform/connect.js';
import type { Logger } from '../platform/log.js';
import { minerPartsSettings, openMinerParts, type MinerParts } from './miner/miner-parts.js';
import { tellOfDeepConfirmations } from './miner/tell-of-deep-confirmations.js';
import { trustListener } from './miner/trust-listener.js';
import { watchCertificate } from '../platform/telemetry/certificate-watch.js';
import { startProbes } from '../platform/telemetry/probes.js';
import { runWorkers } from '../platform/run-workers.js';
import { minerPolicy, policySettings } from '../platform/settings/policy-settings.js';
import { settings } from '../platform/settings/settings-table.js';
import { readWorkerSettings } from '../platform/settings/settings.js';
import { createSenderMetrics } from '../activities/probes/sender-metrics.js';
import { startTelemetry, type Telemetry } from '../platform/telemetry/telemetry.js';
import { endpointProbe } from '../activities/probes/endpoint-probe.js';
import { walletProbe } from '../activities/probes/wallet-probe.js';
import { walletProblems, walletSettings, walletSource } from './miner/wallet-source.js';

/** Long waits for receipts, one for each sequence under way: many, and idle most of the time. */
const MAX_STEPS_AT_ONCE = 2_000;
/** A transaction not mined after so many blocks is offered a higher fee. */
const BUMP_AFTER_BLOCKS = 2;
const POLL_INTERVAL_MS = 500;

const senderSettings = minerPartsSettings
  .extend(walletSettings.shape)
  .extend(settings.pick({ miner: true, confirmations: true, marginBlocks: true }).shape)
  .extend(settings.pick({ commitFeeCapGwei: true, revealFeeCapGwei: true }).shape)
  .extend(z.object(policySettings).partial().shape);
type SenderSettings = z.infer<typeof senderSettings>;

/**
 * The Proof Sender: the one process with the miner's key. Of several with one wallet, one leads and the others wait. One
 * that loses the lead, as when Postgres starts again, stops at once and waits like any other.
 */
export async function runSender(env: NodeJS.ProcessEnv, log: Logger): Promise<void> {
  const { given, temporal } = readWorkerSettings(env, senderSettings, walletProblems);
  const miner = getAddress(given.miner);
  const wallet = await openWallet(walletSource(given), miner);
  const telemetry = startTelemetry('sender', log, env);
  watchCertificate(temporal, { metrics: telemetry.metrics, log });

  const end = new AbortController();
  const onSignal = (): void => end.abort();
  const parts = await openMinerParts(given, log);
  const wallets = walletProbe(miner, createWalletRpc(parts.endpoints), parts.rpc);
  const probes = startProbes([wallets, endpointProbe(parts.endpoints)], { telemetry, log });
  const showLead = (leads: 0 | 1): void => telemetry.metrics.set('zkpow_sender_leads', leads, { wallet: miner });
  showLead(0);
  // Beside taking the lead: an endpoint that is slow to answer must not keep a reveal waiting.
  const told = tellOfDeepConfirmations(parts, given, log);
  let connection: NativeConnection | undefined;
  try {
    connection = await connectTemporalWorker(temporal);
    const { databaseUrl, chainId } = given;
    const lock = createLeaderLock({ databaseUrl, chainId, wallet: miner, log });
    const { namespace } = temporal;
    // Until here a signal ends the process at once: there is nothing to give back.
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
    while (!end.signal.aborted) {
      const leadership = await acquireUnlessEnded(lock, end.signal);
      if (!leadership) break;
      showLead(1);
      leadership.lost.addEventListener('abort', () => showLead(0), { once: true });
      await lead({ connection, namespace, telemetry, log, given, miner, wallet, parts, leadership, end: end.signal });
      showLead(0);
    }
  } finally {
    process.off('SIGTERM', onSignal).off('SIGINT', onSignal);
    await probes.stop();
    await connection?.close();
    await told;
    await parts.close();
  }
}

async function acquireUnlessEnded(lock: LeaderLock, end: AbortSignal): Promise<Leadership | null> {
  try {
    return await lock.acquire(end);
  } catch (error) {
    if (end.aborted) return null;
    throw error;
  }
}

interface Leading {
  connection: NativeConnection;
  namespace: string | undefined;
  telemetry: Telemetry;
  log: Logger;
  given: SenderSettings;
  miner: string;
  wallet: Wallet;
  parts: MinerParts;
  leadership: Leadership;
  end: AbortSignal;
}

/**
 * Sends until told to end, or until the lock is lost: then at once, as another sender may lead already. What this one
 * had in memory goes with it; whoever leads next begins with the rows.
 */
async function lead({
  connection,
  namespace,
  telemetry,
  log,
  given,
  miner,
  wallet,
  parts,
  leadership,
  end,
}: Leading): Promise<void> {
  const { lost } = leadership;
  const sender = makeSender({ log, given, wallet, parts, leadership, telemetry });
  try {
    await sender.start();
    const worker = await Worker.create({
      connection,
      ...(namespace === undefined ? {} : { namespace }),
      ...telemetry.workerOptions,
      taskQueue: senderQueue(given.chainId, miner),
      activities: { ...createSenderActivities(sender) },
      maxConcurrentActivityTaskExecutions: MAX_STEPS_AT_ONCE,
      // A wait for a receipt is taken up again by whoever leads next: its row is durable.
      shutdownGraceTime: 0,
    });
    await runWorkers([worker], { log, stop: AbortSignal.any([lost, end]) });
  } catch (error) {
    if (!end.aborted && (await leadership.isHeld())) throw error;
  } finally {
    await sender.stop();
    await leadership.release();
  }
}

function makeSender({
  log,
  given,
  wallet,
  parts,
  leadership,
  telemetry,
}: Pick<Leading, 'log' | 'given' | 'wallet' | 'parts' | 'leadership' | 'telemetry'>): ProofSender {
  const { pool, rpc, finals, endpoints } = parts;
  const { chainId, confirmations, marginBlocks } = given;
  const reader = createSequenceViewReader({
    ...{ pool, finals, confirmations, marginBlocks },
    reader: { rpc, freshHead: () => rpc.latest() },
    steps: createStepRows(pool),
    policyFor: (decimals) => minerPolicy(given, decimals),
    onTrust: trustListener(log),
  });
  return createProofSender({
    ...{ chainId, wallet, leadership, reader, log },
    rpc: createWalletRpc(endpoints),
    chainRpc: rpc,
    finalProofs: createSenderFinalProofs(finals, pool),
    metrics: createSenderMetrics(telemetry.metrics),
    settings: {
      confirmations,
      commitFeeCapWei: parseUnits(given.commitFeeCapGwei, 'gwei'),
      revealFeeCapWei: parseUnits(given.revealFeeCapGwei, 'gwei'),
      bumpAfterBlocks: BUMP_AFTER_BLOCKS,
      pollIntervalMs: POLL_INTERVAL_MS,
    },
  });
}
