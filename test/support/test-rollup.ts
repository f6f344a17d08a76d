import { Contract, JsonRpcProvider, Network, parseEther, Wallet } from 'ethers';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import { deployZkPow, type Deployment } from '../../contracts/deploy.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import type { RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import { hex } from '../../activities/storage/database.js';
import { FUNDED_KEYS, startLocalChain } from '../transfers/local-chain.js';
import { word32 } from './proof-samples.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';

/** Windows of the test rollup, in blocks. */
export const T1 = 5;
export const T2 = 10;

/** A chain of this test file's own (it mines each transaction at once) with a rollup of the toy type on it. */
export interface TestRollup {
  rpcUrl: string;
  chainId: number;
  provider: JsonRpcProvider;
  /** Where its contracts stand. */
  deployment: Deployment;
  ref: RollupRef;
  /** Deploys, posts and administers. */
  owner: Wallet;
  /** Has a stake. */
  miner: Wallet;
  /** Posts one sequence, a batch an item (hexadecimal data of at most 32 bytes). */
  post(...batches: string[]): Promise<SequenceIdentity>;
  /** Calls the rollup's contract and waits for the receipt. */
  send(from: Wallet, method: string, ...args: unknown[]): Promise<{ blockNumber: number; hash: string }>;
  /** Commits to a proof, with the least reserve there may be. */
  commit(from: Wallet, sequence: SequenceIdentity, proof: Uint8Array): Promise<{ blockNumber: number; hash: string }>;
  deposit(from: Wallet, ether: string): Promise<void>;
  /** Pays rewards in. */
  fund(ether: string): Promise<void>;
  /** Mines empty blocks. */
  mine(blocks: number): Promise<void>;
  head(): Promise<number>;
  close(): Promise<void>;
}

export async function startTestRollup(overrides: Partial<LaunchOptions> = {}): Promise<TestRollup> {
  const chain = await startLocalChain();
  const chainId = 31337;
  const network = Network.from(chainId);
  const provider = new JsonRpcProvider(chain.rpcUrl, network, {
    staticNetwork: network,
    cacheTimeout: -1,
    pollingInterval: 20,
  });
  const owner = new Wallet(FUNDED_KEYS[0], provider);
  const miner = new Wallet(FUNDED_KEYS[1], provider);
  const deployment = await deployZkPow(owner, {
    rollupType: 'counter',
    rule: simulatedRule({ recordBytes: 1, maxRecords: 32, paddedBytes: 32 }),
    admin: owner.address,
    sequencer: owner.address,
    genesis: { stateRoot: word32(10), data: '0x' },
    // A block a second: times are blocks.
    ...{ blockTimeSeconds: 1, t1Seconds: T1, t2Seconds: T2 },
    ...overrides,
  });
  const ref = { chainId, rollup: deployment.rollup };
  const rollup = new Contract(deployment.rollup, ROLLUP_ABI, provider);
  const pool = new Contract(deployment.pool, POOL_ABI, provider);

  async function sent(contract: Contract, from: Wallet, method: string, args: unknown[], value = 0n) {
    const request = await contract.getFunction(method).populateTransaction(...args);
    const response = await from.sendTransaction({ ...request, value, gasLimit: 5_000_000n });
    const receipt = await response.wait();
    if (!receipt) throw new Error(`no receipt of ${method}`);
    return { blockNumber: receipt.blockNumber, hash: receipt.hash };
  }

  const test: TestRollup = {
    ...{ rpcUrl: chain.rpcUrl, chainId, provider, deployment, ref, owner, miner },
    async post(...batches) {
      const before = Number(await rollup.getFunction('lastBatchSequenced').staticCall());
      const content = batches.map((transactions) => [transactions, word32(0), 1_700_000_000, 0]);
      await sent(rollup, owner, 'sequenceBatches', [content, owner.address]);
      const lastBatch = before + batches.length;
      const posted = await rollup.getFunction('sequencedBatches').staticCallResult(lastBatch);
      const accInputHash = hex.parse(posted.getValue('accInputHash'));
      return { ...ref, firstBatch: before + 1, lastBatch, accInputHash };
    },
    send: (from, method, ...args) => sent(rollup, from, method, args),
    async commit(from, sequence, proof) {
      const hash = proofHashOf(proof, from.address);
      const args = await leastCommitment(provider, deployment.rollup, from.address, sequence, hash);
      return sent(rollup, from, 'submitProofHash', args);
    },
    async deposit(from, ether) {
      await sent(pool, from, 'deposit', [parseEther(ether)], parseEther(ether));
    },
    async fund(ether) {
      await sent(pool, owner, 'fund', [deployment.rollup, parseEther(ether)], parseEther(ether));
    },
    mine: (blocks) => provider.send('anvil_mine', [`0x${blocks.toString(16)}`]),
    head: () => provider.getBlockNumber(),
    async close() {
      provider.destroy();
      await chain.stop();
    },
  };
  await test.deposit(miner, '60');
  return test;
}
