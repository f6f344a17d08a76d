import { setTimeout as delay } from 'node:timers/promises';
import { parseUnits } from 'ethers';
import type { Arena } from './arena.js';
import type { Excuses } from './dead-rounds.js';
import type { Field } from './field.js';
import type { Miner } from './miner.js';
import type { Postings } from './postings.js';
import type { Random } from './random.js';
import type { Supervised } from './supervise.js';

/** Blocks that anything stays broken at most; far below T2. */
const MOST_BLOCKS = 12;
export const DEEPEST_REORG = 5;
const SPIKE = parseUnits('10', 'gwei');

export interface Victims {
  arena: Arena;
  field: Field;
  miner: Miner;
  sender: Supervised;
  others: Supervised;
  postings: Postings;
  random: Random;
  /** Hashes of transactions that others make with the miner's key. */
  foreign: Set<string>;
  /** Addresses of all miners under test. */
  honest: readonly string[];
  /** What the miner cannot be blamed for. */
  excuses: Excuses;
  /** Resolves when all that is posted is verified. */
  allVerified(): Promise<void>;
}

/** One thing that goes wrong and is over again when the promise resolves. */
export type Fault = (victims: Victims) => Promise<void>;

export const FAULTS: Record<string, Fault> = {
  senderKilled: ({ field, sender, random }) => killFor(field, [sender], random),
  othersKilled: ({ field, others, random }) => killFor(field, [others], random),
  allKilled: ({ field, sender, others, random }) => killFor(field, [others, sender], random),

  async senderFrozen({ field, sender, random }) {
    sender.freeze();
    await pass(field, random);
    sender.thaw();
  },

  async transactionsDropped({ field, miner, random }) {
    miner.proxies.sender.setFaults(({ method }) =>
      method === 'eth_sendRawTransaction' ? { afterwards: () => emptyPool(field) } : null,
    );
    await pass(field, random);
    miner.proxies.sender.setFaults(null);
  },

  async rpcMoody({ field, miner, random }) {
    const draws = random.fork('rpc');
    for (const proxy of Object.values(miner.proxies)) {
      proxy.setFaults(({ method }) => {
        const isBroadcast = method === 'eth_sendRawTransaction';
        if (draws.chance(isBroadcast ? 0.4 : 0.1)) return isBroadcast ? 'break after' : 'refuse';
        return draws.chance(0.05) ? { lagBlocks: draws.between(1, 3) } : null;
      });
    }
    await pass(field, random);
    for (const proxy of Object.values(miner.proxies)) proxy.setFaults(null);
  },

  async nonceStolen({ miner, random, foreign }) {
    const nonce = await miner.wallet.getNonce(random.chance(0.5) ? 'latest' : 'pending');
    const fees = { maxFeePerGas: parseUnits('20', 'gwei'), maxPriorityFeePerGas: parseUnits('20', 'gwei') };
    const transfer = { to: miner.wallet.address, nonce, gasLimit: 21_000, ...fees };
    const sent = await miner.wallet.sendTransaction(transfer).catch(() => null);
    if (sent) foreign.add(sent.hash);
  },

  async reorg({ field: { chain, startBlock }, random, postings }) {
    const release = await chain.clock.hold();
    const depth = Math.min(random.between(1, DEEPEST_REORG), (await chain.head()) - startBlock);
    if (depth > 0) await chain.rpc('anvil_reorg', [depth, []]);
    release();
    await postings.bringBack();
  },

  async feeSpike({ field, random }) {
    field.chain.clock.holdBaseFee(SPIKE);
    await pass(field, random);
    field.chain.clock.holdBaseFee(null);
  },
};

/** @param meanwhile done while they are down */
export async function killFor(
  field: Field,
  processes: readonly Supervised[],
  random: Random,
  meanwhile?: () => Promise<void>,
): Promise<void> {
  for (const process of processes) await process.kill();
  await meanwhile?.();
  await pass(field, random);
  for (const process of processes) await process.start();
}

async function pass({ chain }: Field, random: Random): Promise<void> {
  await chain.untilBlock((await chain.head()) + random.below(MOST_BLOCKS + 1));
}

/** What the pool holds at this moment is forgotten. */
async function emptyPool({ chain }: Field): Promise<void> {
  await chain.rpc('anvil_dropAllTransactions');
  await delay(0);
}
