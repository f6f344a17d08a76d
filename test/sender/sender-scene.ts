import { randomUUID } from 'node:crypto';
import type { Wallet } from 'ethers';
import type pg from 'pg';
import { pino } from 'pino';
import { inject } from 'vitest';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { openEndpoints } from '../support/endpoints.js';
import { createChainRpc } from '../../activities/chain/chain-rpc.js';
import { EASY_POLICY, type MinerPolicy } from '../../domain/miner-policy.js';
import { createSequenceViewReader } from '../../activities/chain/sequence-view-reader.js';
import type { EndpointAnswer } from '../../activities/sender/broadcast.js';
import { createLeaderLock, type Leadership } from '../../activities/sender/leader-lock.js';
import { createProofSender, type ProofSender } from '../../activities/sender/proof-sender.js';
import type { SenderDeps, SenderSettings } from '../../activities/sender/sender-context.js';
import { createStepRows } from '../../activities/sender/step-rows.js';
import { createSenderFinalProofs } from '../../activities/sender/stored-final-proofs.js';
import type { StepKey } from '../../activities/sender/transactions.js';
import { createWalletRpc } from '../../activities/sender/wallet-rpc.js';
import { createPool } from '../../activities/storage/database.js';
import { createFinalProofStore, type FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { migrate } from '../../activities/storage/migrate.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { createDatabase } from '../../local-stack/postgres.js';
import { CHAIN_ID, storeFinalProof, type SenderChain } from './chain-scene.js';

/** A miner's database and wallet on a rollup of its own, and senders for it. */
export interface SenderScene {
  databaseUrl: string;
  pool: pg.Pool;
  rollup: string;
  wallet: Wallet;
  finals: FinalProofStore;
  sequences: SequenceIdentity[];
  /** Every line that any of the senders has logged. */
  logged: string[];
  /** A sender that leads; what it started is stopped by `close`. */
  startSender(changes?: SenderChanges): Promise<StartedSender>;
  close(): Promise<void>;
}

/** What differs from a sender that works; with a leadership given none is acquired. */
export type SenderChanges = Partial<Omit<SenderDeps, 'leadership'>> & { leadership?: Leadership; policy?: MinerPolicy };

export interface StartedSender extends ProofSender {
  /** Ends the process's part of it as a kill would: the connection goes, nothing is finished. */
  kill(): Promise<void>;
}

export const TEST_SETTINGS: SenderSettings = {
  confirmations: 2,
  commitFeeCapWei: 200_000_000_000n,
  revealFeeCapWei: 1_000_000_000_000n,
  bumpAfterBlocks: 3,
  pollIntervalMs: 15,
};

/** @param sequences how many are posted and have a final proof */
export async function openScene(chain: SenderChain, sequences = 1): Promise<SenderScene> {
  const databaseUrl = await createDatabase(inject('postgresUrl'), `sender-${randomUUID()}`);
  await migrate(databaseUrl);
  const pool = createPool(databaseUrl);
  const finals = createFinalProofStore(pool, null);
  const rollup = await chain.launchRollup();
  const wallet = await chain.miner(rollup);
  const posted = await chain.post(rollup, sequences);
  for (const sequence of posted) await storeFinalProof(chain, finals, sequence, wallet.address);

  const logged: string[] = [];
  const log = pino(
    { level: 'debug', serializers: { error: pino.stdSerializers.err } },
    { write: (line) => void logged.push(line) },
  );
  const started: { sender: ProofSender; leadership: Leadership }[] = [];
  const pools: EndpointPool[] = [];

  async function startSender({ policy = EASY_POLICY, ...changes }: SenderChanges = {}): Promise<StartedSender> {
    const endpoints = openEndpoints(chain.rpcUrl);
    pools.push(endpoints);
    const chainRpc = createChainRpc(endpoints);
    const lock = createLeaderLock({ databaseUrl, chainId: CHAIN_ID, wallet: wallet.address, log });
    const leadership = changes.leadership ?? (await lock.acquire());
    const views = createSequenceViewReader({
      pool,
      reader: { rpc: chainRpc, freshHead: () => chainRpc.latest() },
      finals,
      steps: createStepRows(pool),
      confirmations: TEST_SETTINGS.confirmations,
      marginBlocks: 1,
      policyFor: () => policy,
    });
    const sender = createProofSender({
      chainId: CHAIN_ID,
      wallet,
      rpc: createWalletRpc(endpoints),
      chainRpc,
      leadership,
      finalProofs: createSenderFinalProofs(finals, pool),
      reader: views,
      settings: TEST_SETTINGS,
      metrics: { broadcastAnswered: () => undefined, stepsHeldUp: () => undefined },
      log,
      ...changes,
    });
    await sender.start();
    const one = { sender, leadership };
    started.push(one);
    const kill = async (): Promise<void> => {
      started.splice(started.indexOf(one), 1);
      await leadership.release();
      await sender.stop();
    };
    return { ...sender, kill };
  }

  return {
    databaseUrl,
    pool,
    rollup,
    wallet,
    finals,
    sequences: posted,
    logged,
    startSender,
    async close() {
      for (const { sender } of started) await sender.stop();
      for (const { leadership } of started) await leadership.release();
      for (const endpoints of pools) endpoints.close();
      await pool.end();
    },
  };
}

/** What a broadcast answers where the only endpoint refuses it. */
export function refusing(message: string): EndpointAnswer[] {
  return [{ endpoint: 'node', said: 'refused', message }];
}

/** What a broadcast answers where the only endpoint says nothing. */
export function silent(message: string): EndpointAnswer[] {
  return [{ endpoint: 'node', said: 'nothing', message }];
}

export function commitOf(sequence: SequenceIdentity, tryNumber = 1): StepKey {
  return { sequence, step: 'commit', tryNumber, round: null };
}

export function revealOf(sequence: SequenceIdentity, round: number, tryNumber = 1): StepKey {
  return { sequence, step: 'reveal', tryNumber, round };
}
