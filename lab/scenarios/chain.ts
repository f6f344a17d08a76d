import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { JsonRpcProvider, keccak256, Network, parseEther, toBeHex, toUtf8Bytes, Wallet } from 'ethers';
import { createEndpointPool, type EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { foundryProgram } from '../../local-stack/anvil.js';
import { choosePort } from '../../local-stack/ports.js';
import { startProcess, type StartedProcess } from '../../local-stack/processes.js';
import { waitUntilReady } from '../../local-stack/ready.js';
import type { Arena } from './arena.js';
import { startBlockClock, type BlockClock } from './block-clock.js';

const CHAIN_ID = 31337;
const READY_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
/** Without any new block for so long a scenario has come to a stop. */
const STANDSTILL_MS = 120_000;
const WALLET_BALANCE = parseEther('100000');

/** A base chain of one scenario's own, whose blocks its clock makes. */
export interface ScenarioChain {
  rpcUrl: string;
  chainId: number;
  provider: JsonRpcProvider;
  /** The same chain, read as the product reads it. */
  endpoints: EndpointPool;
  clock: BlockClock;
  rpc(method: string, params?: unknown[]): Promise<unknown>;
  head(): Promise<number>;
  /** A wallet with coins; the same for the same name. */
  wallet(name: string): Promise<Wallet>;
  /** Mines every transaction at once while `work` lasts: for what comes before a scenario begins. */
  instantly<T>(work: () => Promise<T>): Promise<T>;
  /** @throws Error if no block comes any more */
  untilBlock(block: number): Promise<void>;
  /**
   * Asks at every new block until there is an answer other than null.
   *
   * @throws Error naming `what` when `withinBlocks` have passed without one
   */
  until<T>(what: string, withinBlocks: number, ask: () => Promise<T | null>): Promise<T>;
  stop(): Promise<void>;
}

export interface ScenarioChainOptions {
  arena: Arena;
  /** Its log lies there. */
  directory: string;
  blockTimeMs: number;
  maxLagBlocks: number;
}

export async function startScenarioChain({
  arena,
  directory,
  blockTimeMs,
  maxLagBlocks,
}: ScenarioChainOptions): Promise<ScenarioChain> {
  const { process, rpcUrl } = await startAnvil(arena, directory);
  const network = Network.from(CHAIN_ID);
  const provider = new JsonRpcProvider(rpcUrl, network, {
    staticNetwork: network,
    pollingInterval: POLL_MS,
    // A remembered nonce or head is a wrong one right after a block.
    cacheTimeout: -1,
  });
  const endpoints = createEndpointPool({ chainId: CHAIN_ID, urls: [rpcUrl] });
  const rpc = (method: string, params: unknown[] = []): Promise<unknown> => provider.send(method, params);
  await waitUntilReady(process, () => rpc('eth_chainId'), READY_TIMEOUT_MS);
  const clock = startBlockClock(rpc, { intervalMs: blockTimeMs, maxLagBlocks });
  const head = async (): Promise<number> => Number(await rpc('eth_blockNumber'));
  return {
    ...{ rpcUrl, chainId: CHAIN_ID, provider, endpoints, clock, rpc, head },
    async wallet(name) {
      const wallet = new Wallet(keccak256(toUtf8Bytes(`zkpow scenario wallet ${name}`)), provider);
      await rpc('anvil_setBalance', [wallet.address, toBeHex(WALLET_BALANCE)]);
      return wallet;
    },
    async instantly(work) {
      const release = await clock.hold();
      await rpc('evm_setAutomine', [true]);
      try {
        return await work();
      } finally {
        await rpc('evm_setAutomine', [false]);
        release();
      }
    },
    untilBlock: async (block) => void (await eachBlock(head, async (now) => (now >= block ? true : null))),
    async until(what, withinBlocks, ask) {
      const start = await head();
      return eachBlock(head, async (now) => {
        const answer = await ask();
        if (answer === null && now > start + withinBlocks) {
          throw new Error(`${what}: not within ${withinBlocks} blocks (block ${start} to ${now})`);
        }
        return answer;
      });
    },
    async stop() {
      await clock.stop();
      provider.destroy();
      endpoints.close();
      await process.stop();
    },
  };
}

/** Asks once a block, and while none comes now and then. */
async function eachBlock<T>(head: () => Promise<number>, ask: (now: number) => Promise<T | null>): Promise<T> {
  let seen = -1;
  for (let since = Date.now(); Date.now() < since + STANDSTILL_MS; await delay(POLL_MS)) {
    const now = await head();
    if (now === seen) continue;
    seen = now;
    since = Date.now();
    const answer = await ask(now);
    if (answer !== null) return answer;
  }
  throw new Error(`no block has come after ${seen} for ${STANDSTILL_MS / 1000} s`);
}

async function startAnvil(arena: Arena, directory: string): Promise<{ process: StartedProcess; rpcUrl: string }> {
  const port = await choosePort(undefined);
  mkdirSync(directory, { recursive: true });
  const process = await startProcess({
    name: `${basename(directory)}-anvil`,
    command: foundryProgram('anvil'),
    args: ['--host', '127.0.0.1', '--port', String(port), '--chain-id', String(CHAIN_ID), '--no-mining', '--quiet'],
    env: arena.env,
    runDirectory: arena.runDirectory,
    logFile: join(directory, 'logs', 'anvil.log'),
    role: 'part',
  });
  return { process, rpcUrl: `http://127.0.0.1:${port}` };
}
