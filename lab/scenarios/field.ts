import { parseEther } from 'ethers';
import { startScenarioChain, type ScenarioChain } from './chain.js';
import { createMiner, type Miner, type MinerOptions, type Role } from './miner.js';
import { deposit, follow, launchScenarioRollup, type RollupOptions, type ScenarioRollup } from './rollup.js';
import type { ScenarioContext } from './scenario.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

/** A chain, a rollup on it and miners with their deposits; nobody works yet. */
export interface Field {
  chain: ScenarioChain;
  rollup: ScenarioRollup;
  miners: Miner[];
  /** First block after all was set up. */
  startBlock: number;
  /**
   * Starts a process with these roles of one or more miners. No block comes until all of them follow the chain: how long
   * a program takes to load is no part of a scenario.
   */
  start(workers: readonly [Miner, ...Role[]][], options?: StartOptions): Promise<WorkerProcess>;
}

export interface StartOptions {
  /** Names its log. */
  name?: string;
  /** Told when it ends without being killed; by default that ends the run. */
  onEnd?: (error: Error) => void;
  /** False: blocks go on; for a sender that waits for another's lock. */
  holdBlocks?: boolean;
}

export interface FieldOptions {
  rollup: RollupOptions;
  /** Deposits in ether. */
  miners: readonly (MinerOptions & { deposit: string })[];
  /** Default 250. */
  blockTimeMs?: number;
  /** Blocks that a program may be behind before the chain waits for it. Default 2. */
  maxLagBlocks?: number;
}

const BLOCK_TIME_MS = 250;
const MAX_LAG_BLOCKS = 2;

export async function openField(context: ScenarioContext, options: FieldOptions): Promise<Field> {
  const { arena, directory, defer } = context;
  const { blockTimeMs = BLOCK_TIME_MS, maxLagBlocks = MAX_LAG_BLOCKS } = options;
  const chain = await startScenarioChain({ arena, directory, blockTimeMs, maxLagBlocks });
  defer(() => chain.stop());
  const rollup = await launchScenarioRollup(chain, options.rollup);
  const miners = await Promise.all(
    options.miners.map(async (minerOptions) => {
      const miner = await createMiner(arena, chain, directory, minerOptions);
      defer(() => miner.close());
      await follow(chain, rollup, miner);
      return miner;
    }),
  );
  await chain.instantly(async () => {
    for (const [index, miner] of miners.entries()) {
      await deposit(rollup, miner.wallet, parseEther(options.miners[index]?.deposit ?? '0'));
    }
  });
  let started = 0;
  return {
    ...{ chain, rollup, miners, startBlock: (await chain.head()) + 1 },
    async start(workers, { name = workers.map(([miner]) => miner.name).join('-'), onEnd, holdBlocks = true } = {}) {
      const process = await startWorkerProcess(arena, {
        name: `${name}-${(started += 1)}`,
        directory,
        onEnd: onEnd ?? context.fail,
        workers: workers.flatMap(([miner, ...roles]) => roles.map((role) => ({ miner, role }))),
      });
      defer(() => process.kill());
      if (holdBlocks) {
        const release = await chain.clock.hold();
        await process.following().finally(release);
      }
      return process;
    },
  };
}

export const EVERYTHING = ['aggregator', 'prover', 'sender'] as const satisfies Role[];
