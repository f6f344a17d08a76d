import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { expect, onTestFinished } from 'vitest';
import { numberBatches } from '../../../activities/chain/posted-batches.js';
import type { BatchWork, PostedBatch } from '../../../domain/rollup-type.js';
import type { ProofRequest, ProofToVerify, ProverBackend, ProvingContext } from '../../../domain/prover-backend.js';
import { startGatewayServer } from '../../../provers/gateways/polygon-zkevm/gateway-server.js';
import {
  createProverPool,
  type ProverInfo,
  type ZkevmProverPool,
  type ProverPoolOptions,
} from '../../../provers/gateways/polygon-zkevm/prover-pool.js';
import { createZkevmProverBackend } from '../../../provers/gateways/polygon-zkevm/zkevm-prover-backend.js';
import type { Statement } from '../../../domain/proof.js';
import { zkevmType } from '../../rollup-types/zkevm-type.js';
import type { TestProver } from './test-prover.js';

/** Begins with zeros, which provers leave out. */
export const MINER = '0x00000000000000dc3a010c7d01b50e0d17dc79c8';
export const ROLLUP = { chainId: 31337, rollup: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };
const ZERO = `0x${'0'.repeat(64)}` as const;
export const GENESIS = { stateRoot: `0x${'ab'.repeat(32)}`, accInputHash: ZERO, data: '0x' } as const;

/** The first batches of a rollup, all of them different. */
export function postedBatches(count: number): PostedBatch[] {
  const contents = Array.from({ length: count }, (_, i) => ({
    ...{ transactions: `0x${'0b'.repeat(i + 1)}` as const, globalExitRoot: `0x${'cd'.repeat(32)}` as const },
    ...{ timestamp: 1_700_000_000 + i, l2Coinbase: MINER },
  }));
  return numberBatches(contents, { firstBatch: 1, previousAccInputHash: ZERO, accumulate: zkevmType.accumulate });
}

/** What a rollup with so many batches has to have proved. */
export async function batchWork(count: number): Promise<BatchWork[]> {
  const replay = zkevmType.openReplay(ROLLUP, GENESIS);
  const work: BatchWork[] = [];
  for (const batch of postedBatches(count)) work.push(await replay.apply(batch));
  return work;
}

export async function batchRequest(): Promise<ProofRequest> {
  const [work] = await batchWork(1);
  if (!work) throw new Error('one batch was asked for');
  return { kind: 'batch', ...work };
}

/** What the test's prover puts on its proofs in the place of a proof. */
export async function checkSeal({ kind, statement, miner, proof }: ProofToVerify): Promise<boolean> {
  const seal = sealOf(statement, miner);
  if (kind === 'final') return Buffer.from(proof).toString('hex') === seal.repeat(24);
  return Buffer.from(proof).toString().includes(`"seal":"${seal}"`);
}

function sealOf(statement: Statement, miner = '0x0', fork = 9): string {
  const word = (value: string | number): Buffer => Buffer.from(BigInt(value).toString(16).padStart(64, '0'), 'hex');
  const { oldStateRoot, oldAccInputHash, newStateRoot, newAccInputHash, firstBatch, lastBatch } = statement;
  const said = [oldStateRoot, oldAccInputHash, newStateRoot, newAccInputHash, firstBatch - 1, lastBatch, fork, miner];
  return createHash('sha256')
    .update(Buffer.concat(said.map(word)))
    .digest('hex');
}

export interface TestGateway {
  pool: ZkevmProverPool;
  backend: ProverBackend;
  port: number;
  /** Resolves when as many provers are in that state. */
  reached(state: ProverInfo['state'], count?: number): Promise<void>;
}

/** A gateway on a free port that asks its provers often. */
export async function startTestGateway(options: Partial<ProverPoolOptions> = {}): Promise<TestGateway> {
  const pool = createProverPool({
    ...{ forkId: 9, pollIntervalMs: 20, statusIntervalMs: 50, answerTimeoutMs: 20_000, reconnectMs: 20_000 },
    ...{ idleWaitMs: 20_000, ...options },
  });
  const server = await startGatewayServer('127.0.0.1:0', pool);
  onTestFinished(() => server.close());
  const backend = createZkevmProverBackend({ pool, forkId: options.forkId ?? 9, verifyProof: checkSeal });
  return {
    ...{ pool, backend, port: server.port },
    async reached(state, count = 1) {
      while (pool.provers().filter((prover) => prover.state === state).length !== count) {
        await once(pool.events, 'state');
      }
    },
  };
}

export function context(signal = new AbortController().signal): ProvingContext {
  return { signal, progress: () => {} };
}

/** Whatever else happens: one request at a time, one task at a time. */
export function expectInStep(prover: TestProver): void {
  expect(prover.events.filter(({ event }) => event === 'out of step' || event === 'second task')).toEqual([]);
}
