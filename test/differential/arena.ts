import {
  AbiCoder,
  concat,
  getAddress,
  getBytes,
  hexlify,
  Interface,
  JsonRpcProvider,
  Network,
  Result,
  sha256,
  Wallet,
} from 'ethers';
import { z } from 'zod';
import { createChainRpc, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { hex } from '../../activities/storage/database.js';
import { POOL_ABI } from '../../contracts/abi.js';
import { deployZkPow, launchRollup } from '../../contracts/deploy.js';
import { launchSettings, type LaunchOptions, type LaunchSettings } from '../../contracts/launch-options.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import { word32 } from '../support/proof-samples.js';
import { openEndpoints } from '../support/endpoints.js';
import { FUNDED_KEYS, startLocalChain } from '../transfers/local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';

const CHAIN_ID = 31337;
const POOL = new Interface(POOL_ABI);
/** Not more than a contract call of ours takes, with room: a block holds 15 such transactions. */
const GAS_LIMIT = 2_000_000;
const BATCH_TIMESTAMP = 1_700_000_000;

/** Windows of a rollup, in blocks: a block a second. */
export interface WindowLengths {
  t1Seconds: number;
  t2Seconds: number;
  tMinSeconds: number;
}

/** Windows of the rollups that schedules are played on; the smallest there can be are among them, and a long Tmin. */
export const WINDOWS: readonly [WindowLengths, ...WindowLengths[]] = [
  { t1Seconds: 3, t2Seconds: 4, tMinSeconds: 3 },
  { t1Seconds: 1, t2Seconds: 1, tMinSeconds: 1 },
  { t1Seconds: 2, t2Seconds: 6, tMinSeconds: 7 },
];

/** Beside the defaults of a launch: a delay that a short schedule can wait for. */
const TIMES = { blockTimeSeconds: 1, adminDelaySeconds: 5 };

/** A sequence that stands on the chain. */
export interface Posted extends SequenceIdentity {
  oldAccInputHash: Hex;
}

/** A transaction to be: who calls what. */
export interface Call {
  from: string;
  to: string;
  data: string;
  value?: bigint;
}

/** A call that was mined. */
export interface Mined {
  call: Call;
  succeeded: boolean;
  /** The rollup's and the pool's events in it, by name. */
  events: { name: string; args: Record<string, unknown> }[];
}

/** A chain whose blocks a test makes one by one, and one of its rollups. */
export interface Arena {
  readonly rpc: ChainRpc;
  readonly rollup: string;
  /** The first one is ours. */
  readonly miners: readonly string[];
  /** Posts, administers, pays rewards in. */
  readonly owner: string;
  readonly posted: readonly Posted[];
  toRollup(from: string, method: string, args: readonly unknown[]): Call;
  toPool(from: string, method: string, args: readonly unknown[], value?: bigint): Call;
  /** A miner's stake and what it is owed: all its money here, once its commitments are settled. */
  moneyOf(miner: string): Promise<bigint>;
  /** How many of the posted sequences are verified. */
  verifiedSequences(): Promise<number>;
  /** Standing commitments in the live or accepted round of a sequence. */
  committers(sequence: Posted): Promise<number>;
  /** Settings of the rollup with other windows. */
  settingsWith(windows: WindowLengths): LaunchSettings;
  /** Mines one block with these transactions in this order. */
  mine(calls: readonly Call[]): Promise<Mined[]>;
  mineEmpty(blocks: number): Promise<void>;
  head(): Promise<number>;
  save(): Promise<Saved>;
  /** Everything is again as it was when it was saved; a state can be gone back to once. */
  goBack(saved: Saved): Promise<void>;
}

export interface Saved {
  snapshot: unknown;
  posted: readonly Posted[];
}

/** Starts one chain with a rollup of each of `WINDOWS`. */
export async function startArenas(): Promise<{ arenas: Arena[]; close(): Promise<void> }> {
  const chain = await startLocalChain();
  const network = Network.from(CHAIN_ID);
  const provider = new JsonRpcProvider(chain.rpcUrl, network, {
    ...{ staticNetwork: network, cacheTimeout: -1, pollingInterval: 20, batchMaxCount: 1 },
  });
  const wallet = new Wallet(FUNDED_KEYS[0], provider);
  const options: LaunchOptions = {
    rollupType: 'differential',
    rule: simulatedRule({ recordBytes: 1, maxRecords: 32, paddedBytes: 32 }),
    admin: wallet.address,
    sequencer: wallet.address,
    genesis: { stateRoot: stateRootAfter(0), data: '0x' },
    ...TIMES,
  };
  const { factory, pool, rollup, rule } = await deployZkPow(wallet, { ...options, ...WINDOWS[0] });
  const rollups = [rollup];
  for (const windows of WINDOWS.slice(1)) {
    rollups.push((await launchRollup(wallet, factory, { ...options, ...windows })).rollup);
  }
  // As events name them, with their checksum.
  const accounts = z
    .array(z.string().transform((account) => getAddress(account)))
    .parse(await provider.send('eth_accounts', []));
  await provider.send('evm_setAutomine', [false]);
  const settings = { ...launchSettings(options, true), rule };
  const people = { owner: wallet.address, miners: accounts.slice(1, 5) };
  const endpoints = openEndpoints(chain.rpcUrl);
  const arenas = rollups.map((address) =>
    createArena(provider, createChainRpc(endpoints), address, pool, settings, people),
  );
  return {
    arenas,
    async close() {
      provider.destroy();
      endpoints.close();
      await chain.stop();
    },
  };
}

const receiptShape = z.object({
  status: z.string(),
  logs: z.array(z.object({ topics: z.array(z.string()), data: z.string() })),
});

function createArena(
  provider: JsonRpcProvider,
  rpc: ChainRpc,
  rollup: string,
  pool: string,
  settings: LaunchSettings,
  { owner, miners }: Pick<Arena, 'owner' | 'miners'>,
): Arena {
  let posted: readonly Posted[] = [];

  async function readPosted(): Promise<Posted[]> {
    const sequences: Posted[] = [];
    let last = Number(await read('lastBatchSequenced', []));
    while (last > 0) {
      const { accInputHash, previous } = await postedEndingWith(last);
      const { accInputHash: oldAccInputHash } = await postedEndingWith(previous);
      const batches = { firstBatch: previous + 1, lastBatch: last };
      sequences.unshift({ chainId: CHAIN_ID, rollup, ...batches, accInputHash, oldAccInputHash });
      last = previous;
    }
    return sequences;
  }
  async function read(method: string, args: unknown[]): Promise<unknown> {
    const answer = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData(method, args) }, 'latest');
    return ROLLUP.decodeFunctionResult(method, answer)[0];
  }
  async function postedEndingWith(last: number): Promise<{ accInputHash: Hex; previous: number }> {
    const data = ROLLUP.encodeFunctionData('sequencedBatches', [last]);
    const result = ROLLUP.decodeFunctionResult('sequencedBatches', await rpc.call({ to: rollup, data }, 'latest'));
    return { accInputHash: hex.parse(result[0]), previous: Number(result[2]) };
  }
  async function send({ from, to, data, value = 0n }: Call, place: number): Promise<string> {
    // The pool orders by price; equal nonces of one sender stay in order anyway.
    const gasPrice = `0x${(200_000_000_000n - BigInt(place) * 1_000_000_000n).toString(16)}`;
    const request = { from, to, data, value: `0x${value.toString(16)}`, gas: `0x${GAS_LIMIT.toString(16)}`, gasPrice };
    return z.string().parse(await provider.send('eth_sendTransaction', [request]));
  }

  return {
    ...{ rpc, rollup, miners, owner },
    get posted() {
      return posted;
    },
    toRollup: (from, method, args) => ({ from, to: rollup, data: ROLLUP.encodeFunctionData(method, [...args]) }),
    toPool: (from, method, args, value = 0n) => {
      return { from, to: pool, data: POOL.encodeFunctionData(method, [...args]), value };
    },
    async moneyOf(miner) {
      const readPool = async (method: string, args: string[]): Promise<unknown> => {
        const data = POOL.encodeFunctionData(method, args);
        return POOL.decodeFunctionResult(method, await rpc.call({ to: pool, data }, 'latest')).toArray(true)[0];
      };
      const [stake = 0n] = z.array(z.bigint()).parse(await readPool('stakeOf', [miner]));
      return stake + z.bigint().parse(await readPool('owed', [rollup, miner]));
    },
    async verifiedSequences() {
      const last = Number(await read('lastVerifiedBatch', []));
      return posted.filter(({ lastBatch }) => lastBatch <= last).length;
    },
    async committers({ firstBatch, lastBatch }) {
      const view = await read('sequenceView', [firstBatch - 1, lastBatch, owner]);
      return view instanceof Result ? Number(view.getValue('committers')) : 0;
    },
    settingsWith: (windows) => ({ ...settings, ...windows }),
    async mine(calls) {
      const hashes: string[] = [];
      for (const [place, call] of calls.entries()) hashes.push(await send(call, place));
      await provider.send('evm_mine', []);
      const mined = await Promise.all(
        calls.map(async (call, place): Promise<Mined> => {
          const answer: unknown = await provider.send('eth_getTransactionReceipt', [hashes[place]]);
          const { status, logs } = receiptShape.parse(answer);
          return { call, succeeded: status === '0x1', events: logs.flatMap(eventOf) };
        }),
      );
      const names = mined.flatMap(({ events }) => events.map(({ name }) => name));
      if (names.includes('SequencePosted') || names.includes('SequenceRolledBack')) posted = await readPosted();
      return mined;
    },
    mineEmpty: (blocks) => provider.send('anvil_mine', [`0x${blocks.toString(16)}`]),
    head: async () => (await rpc.latest()).number,
    async save() {
      return { snapshot: await provider.send('evm_snapshot', []), posted };
    },
    async goBack(saved) {
      await provider.send('evm_revert', [saved.snapshot]);
      posted = saved.posted;
    },
  };
}

function eventOf(log: { topics: string[]; data: string }): Mined['events'] {
  const event = ROLLUP.parseLog(log) ?? POOL.parseLog(log);
  return event ? [{ name: event.name, args: event.args.toObject() }] : [];
}

/** What a schedule posts: one record in each of its batches, so that other data makes another sequence. */
export function batchesOf(records: readonly number[]): unknown[] {
  return records.map((record) => [hexlify(Uint8Array.of(record)), word32(0), BATCH_TIMESTAMP, 0]);
}

/** The state after a batch, whatever was posted: the simulated verifier does not replay it. */
export function stateRootAfter(batch: number): Hex {
  return word32(10_000 + batch);
}

/** A right proof of a sequence for a miner, as `SimulatedRule` takes it; other salts make other proofs. */
export function rightProof(sequence: Posted, miner: string, salt: number): Uint8Array {
  const words = AbiCoder.defaultAbiCoder().encode(
    ['uint256', 'address', 'uint64', 'uint64', 'bytes32', 'bytes32', 'bytes32', 'bytes32', 'bytes32', 'address'],
    [
      ...[sequence.chainId, sequence.rollup, sequence.firstBatch, sequence.lastBatch],
      ...[stateRootAfter(sequence.firstBatch - 1), stateRootAfter(sequence.lastBatch)],
      ...[sequence.oldAccInputHash, sequence.accInputHash, word32(0), miner],
    ],
  );
  const label = hexlify(new TextEncoder().encode('zkpow simulated proof'));
  return getBytes(concat([word32(salt), sha256(concat([label, word32(salt), sha256(words)]))]));
}
