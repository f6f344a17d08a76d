import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Contract,
  JsonRpcProvider,
  keccak256,
  parseEther,
  solidityPackedKeccak256,
  toQuantity,
  Wallet,
  ZeroHash,
} from 'ethers';
import { z } from 'zod';
import { deployZkPow, launchRollup, type Deployment } from '../../contracts/deploy.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import { hex } from '../../activities/storage/database.js';
import { sha256Hex } from '../../activities/storage/artifact-store.js';
import type { StoredFinalProof } from '../../activities/sender/ports.js';
import type { FinalProofStore } from '../../activities/storage/final-proof-store.js';
import type { Statement } from '../../domain/proof.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { openEndpoints } from '../support/endpoints.js';
import { startGeth, type Rules } from '../support/geth.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from '../transfers/local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT } from '../../rollup-types/transfers/transfers-rule.js';

export const CHAIN_ID = 31_337;
export const T1 = 6;
export const T2 = 12;
const FUNDS_WEI = parseEther('1000');

/** A local chain with the contracts on it; anvil's mines only when it is told to. */
export interface SenderChain {
  rpcUrl: string;
  provider: JsonRpcProvider;
  endpoints: EndpointPool;
  deployment: Deployment;
  launchRollup(): Promise<string>;
  /** Posts sequences of one empty batch each. */
  post(rollup: string, count: number): Promise<SequenceIdentity[]>;
  /** A new wallet with gas and, where a rollup is given, a stake. */
  miner(rollup: string | null): Promise<Wallet>;
  mine(blocks?: number): Promise<void>;
  blockNumber(): Promise<number>;
  /** Hashes of the wallet's transactions that wait in the pool. */
  waiting(wallet: string): Promise<string[]>;
  /** Takes blocks away and puts empty ones in their place; their transactions are lost. */
  reorg(depth: number): Promise<void>;
  stop(): Promise<void>;
}

const OPTIONS = {
  rollupType: 'transfers',
  rule: simulatedRule(TRANSFERS_LAYOUT),
  blockTimeSeconds: 1,
  t1Seconds: T1,
  t2Seconds: T2,
  genesis: { stateRoot: `0x${'11'.repeat(32)}`, data: '0x' },
} satisfies Partial<LaunchOptions>;

/** Blocks and coins on demand: what clients have in different ways. */
interface ChainControls {
  /** Blocks without anything of a sender. */
  mine(blocks?: number): Promise<void>;
  /** Sets up with a block for every transaction. */
  atOnce<T>(work: () => Promise<T>): Promise<T>;
  fund(address: string): Promise<void>;
}

export async function startSenderChain(): Promise<SenderChain> {
  const local = await startLocalChain();
  const chain = await openSenderChain(local, ({ provider }) => ({
    async mine(blocks = 1) {
      for (let block = 0; block < blocks; block += 1) await provider.send('evm_mine', []);
    },
    async atOnce(work) {
      await provider.send('evm_setAutomine', [true]);
      try {
        return await work();
      } finally {
        await provider.send('evm_setAutomine', [false]);
      }
    },
    fund: async (address) => void (await provider.send('anvil_setBalance', [address, toQuantity(FUNDS_WEI)])),
  }));
  await chain.provider.send('evm_setAutomine', [false]);
  return chain;
}

/** One that mines every transaction at once: geth, by the rules of a hard fork. */
export async function startSenderChainOnGeth(rules: Rules): Promise<SenderChain> {
  return openSenderChain(await startGeth({ rules, blockTimeSeconds: 0 }), ({ admin }) => {
    const pay = async (to: string, value: bigint): Promise<void> => {
      await (await admin.sendTransaction({ to, value })).wait();
    };
    return {
      async mine(blocks = 1) {
        for (let block = 0; block < blocks; block += 1) await pay(admin.address, 0n);
      },
      atOnce: (work) => work(),
      fund: (address) => pay(address, FUNDS_WEI),
    };
  });
}

async function openSenderChain(
  local: LocalChain,
  controls: (parts: { provider: JsonRpcProvider; admin: Wallet }) => ChainControls,
): Promise<SenderChain> {
  const provider = new JsonRpcProvider(local.rpcUrl, CHAIN_ID, { staticNetwork: true, cacheTimeout: -1 });
  provider.pollingInterval = 20;
  const endpoints = openEndpoints(local.rpcUrl);
  const [key] = FUNDED_KEYS;
  const admin = new Wallet(key, provider);
  const { mine, atOnce, fund } = controls({ provider, admin });
  const options: LaunchOptions = { ...OPTIONS, admin: admin.address, sequencer: admin.address };
  const deployment = await deployZkPow(admin, options);

  return {
    rpcUrl: local.rpcUrl,
    provider,
    endpoints,
    deployment,
    mine,
    launchRollup: async () => (await atOnce(() => launchRollup(admin, deployment.factory, options))).rollup,
    post: (rollup, count) => atOnce(() => postSequences(admin, rollup, count)),
    blockNumber: async () => Number(await provider.send('eth_blockNumber', [])),
    async miner(rollup) {
      const wallet = new Wallet(Wallet.createRandom().privateKey, provider);
      await fund(wallet.address);
      if (rollup !== null) await atOnce(() => deposit(deployment.pool, wallet));
      return wallet;
    },
    async waiting(address) {
      const { pending, queued } = poolContent.parse(await provider.send('txpool_content', []));
      const ofWallet = [pending, queued].flatMap((part) =>
        Object.entries(part).filter(([sender]) => sender.toLowerCase() === address.toLowerCase()),
      );
      return ofWallet.flatMap(([, transactions]) => Object.values(transactions).map(({ hash }) => hash));
    },
    reorg: (depth) => provider.send('anvil_reorg', [depth, []]),
    async stop() {
      provider.destroy();
      endpoints.close();
      await local.stop();
    },
  };
}

async function deposit(pool: string, wallet: Wallet): Promise<void> {
  const amount = parseEther('200');
  const response = await new Contract(pool, POOL_ABI, wallet).getFunction('deposit').send(amount, { value: amount });
  await response.wait();
}

async function postSequences(sequencer: Wallet, rollup: string, count: number): Promise<SequenceIdentity[]> {
  const contract = new Contract(rollup, ROLLUP_ABI, sequencer);
  const posted: SequenceIdentity[] = [];
  for (let sequence = 0; sequence < count; sequence += 1) {
    const latest = await sequencer.provider?.getBlock('latest');
    const batch = ['0x', ZeroHash, latest?.timestamp ?? 0, 0];
    const response = await contract.getFunction('sequenceBatches').send([batch], sequencer.address);
    const receipt = await response.wait();
    for (const log of receipt?.logs ?? []) {
      const event = contract.interface.parseLog(log);
      if (event?.name !== 'SequencePosted') continue;
      const lastBatch = Number(event.args.getValue('lastBatch'));
      const accInputHash = hex.parse(event.args.getValue('accInputHash'));
      posted.push({ chainId: CHAIN_ID, rollup, firstBatch: lastBatch, lastBatch, accInputHash });
    }
  }
  return posted;
}

const poolPart = z.record(z.string(), z.record(z.string(), z.object({ hash: z.string() })));
const poolContent = z.object({ pending: poolPart, queued: poolPart });

/** State root that the simulated proofs of these tests give a batch. */
export function stateRootAfter(batch: number): Hex {
  return batch === 0 ? OPTIONS.genesis.stateRoot : `0x${batch.toString(16).padStart(64, 'a')}`;
}

/** Makes a simulated final proof of a sequence and stores it. */
export async function storeFinalProof(
  chain: SenderChain,
  store: FinalProofStore,
  sequence: SequenceIdentity,
  miner: string,
): Promise<Hex> {
  const { digest: proofDigest, ...final } = await makeFinalProof(chain, sequence, miner);
  const taskId = randomBytes(32).toString('hex');
  await store.add({ ...final, proofDigest, taskId, sequence, miner, seconds: 0 });
  return final.proofHash;
}

/** Makes a simulated final proof of a sequence; with changes, of what the chain does not say. */
export async function makeFinalProof(
  chain: SenderChain,
  sequence: SequenceIdentity,
  miner: string,
  changes: Partial<Statement> = {},
): Promise<StoredFinalProof> {
  const contract = new Contract(sequence.rollup, ROLLUP_ABI, chain.provider);
  const before = await contract.getFunction('sequencedBatches').staticCallResult(sequence.firstBatch - 1);
  const statement = {
    chainId: sequence.chainId,
    rollup: sequence.rollup,
    firstBatch: sequence.firstBatch,
    lastBatch: sequence.lastBatch,
    oldStateRoot: stateRootAfter(sequence.firstBatch - 1),
    newStateRoot: stateRootAfter(sequence.lastBatch),
    oldAccInputHash: hex.parse(before.getValue('accInputHash')),
    newAccInputHash: sequence.accInputHash,
    ...changes,
  };
  const backend = createSimulatedBackend({ secondsByKind: { batch: 0, final: 0 } });
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const batch = await backend.prove({ kind: 'batch', statement, input: new Uint8Array() }, context);
  const child = { kind: 'batch', statement, proof: batch } as const;
  const proof = await backend.prove({ kind: 'final', statement, miner, child }, context);
  const proofHash = hex.parse(solidityPackedKeccak256(['bytes32', 'address'], [keccak256(proof), miner]));
  return { proof, proofHash, statement, digest: sha256Hex(proof) };
}

/** Asks again and again, without mining, until it is so. */
export async function eventually(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await delay(15)) if (await isSo()) return;
  throw new Error(`after 20 s it is still not so that ${what}`);
}
