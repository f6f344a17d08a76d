import { setTimeout as delay } from 'node:timers/promises';
import { toQuantity } from 'ethers';

/** Somebody who follows the chain, and how far it has seen it. */
export interface Follower {
  /** Highest block that it was told of; null before it has asked, and while it is known to be down. */
  seen: number | null;
}

export interface BlockClockOptions {
  intervalMs: number;
  /** Blocks that a follower may be behind. */
  maxLagBlocks: number;
}

/**
 * Makes the blocks of a scenario's chain: one each interval, but none while a follower that runs is too far behind. So
 * windows measure the protocol and not how busy the machine is: when it starves the programs, it starves the chain as
 * well.
 */
export interface BlockClock {
  /**
   * No block comes until the returned function is called; several may hold the clock at the same time. Resolves when the
   * block in hand is made.
   */
  hold(): Promise<() => void>;
  /** Makes blocks at once, whoever lags or holds. */
  mine(blocks: number): Promise<void>;
  follow(follower: Follower): void;
  /** Base fee of every block from now on, in wei; null lets it fall and rise by itself. */
  holdBaseFee(wei: bigint | null): void;
  stop(): Promise<void>;
}

/** A follower that has not asked for so long is down or frozen: the chain goes on without it until it asks again. */
const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 20;

export function startBlockClock(
  rpc: (method: string, params?: unknown[]) => Promise<unknown>,
  { intervalMs, maxLagBlocks }: BlockClockOptions,
): BlockClock {
  const followers = new Set<Follower>();
  let holds = 0;
  let stopped = false;
  let making: Promise<void> = Promise.resolve();
  let baseFeeWei: bigint | null = null;

  async function makeBlock(): Promise<void> {
    if (baseFeeWei !== null) await rpc('anvil_setNextBlockBaseFeePerGas', [toQuantity(baseFeeWei)]);
    await rpc('evm_mine');
  }

  async function untilFollowed(): Promise<void> {
    const head = Number(await rpc('eth_blockNumber'));
    const lagging = (): Follower[] => [...followers].filter(({ seen }) => seen !== null && seen < head - maxLagBlocks);
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(LOOK_AGAIN_MS)) {
      if (lagging().length === 0 || holds > 0 || stopped) return;
    }
    for (const follower of lagging()) follower.seen = null;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      await delay(intervalMs);
      await untilFollowed();
      if (holds > 0 || stopped) continue;
      making = makeBlock();
      await making;
    }
  }

  const running = run();
  // A chain that has ended is noticed by all who wait for its blocks.
  running.catch(() => undefined);
  return {
    async hold() {
      holds += 1;
      await making;
      let released = false;
      return () => {
        if (!released) holds -= 1;
        released = true;
      };
    },
    async mine(blocks) {
      for (let made = 0; made < blocks; made += 1) await makeBlock();
    },
    follow: (follower) => void followers.add(follower),
    holdBaseFee: (wei) => void (baseFeeWei = wei),
    async stop() {
      stopped = true;
      await running.catch(() => undefined);
    },
  };
}
