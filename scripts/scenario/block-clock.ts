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
 * Makes the blocks of a scenario's chain: one each interval, but none while a follower that runs is too far behind. So windows measure the protocol and not how busy the machine is: when it starves the
 * programs, it starves the chain as well.
 */
export interface BlockClock {
  /** Blocks come by themselves from now on. */
  start(): void;
  /** Waits for the block in hand; then none comes until `start`. */
  pause(): Promise<void>;
  /** Makes blocks at once, whoever lags. */
  mine(blocks: number): Promise<void>;
  follow(follower: Follower): void;
  /** Base fee of every block from now on, in wei; null lets it fall and rise by itself. */
  holdBaseFee(wei: bigint | null): void;
}

/** A follower that has not asked for so long is down or frozen: the chain goes on without it until it asks again. */
const PATIENCE_MS = 4_000;
const LOOK_AGAIN_MS = 20;

export function createBlockClock(
  rpc: (method: string, params?: unknown[]) => Promise<unknown>,
  { intervalMs, maxLagBlocks }: BlockClockOptions,
): BlockClock {
  const followers = new Set<Follower>();
  let stopping: AbortController | null = null;
  let running: Promise<void> = Promise.resolve();
  let baseFeeWei: bigint | null = null;

  async function mineOne(): Promise<void> {
    if (baseFeeWei !== null) await rpc('anvil_setNextBlockBaseFeePerGas', [toQuantity(baseFeeWei)]);
    await rpc('evm_mine');
  }

  async function untilFollowed(signal: AbortSignal): Promise<void> {
    const head = Number(await rpc('eth_blockNumber'));
    const lagging = (): Follower[] => [...followers].filter(({ seen }) => seen !== null && seen < head - maxLagBlocks);
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await delay(LOOK_AGAIN_MS)) {
      if (lagging().length === 0 || signal.aborted) return;
    }
    for (const follower of lagging()) follower.seen = null;
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(intervalMs, undefined, { signal }).catch(() => undefined);
      await untilFollowed(signal);
      if (!signal.aborted) await mineOne();
    }
  }

  async function pause(): Promise<void> {
    stopping?.abort();
    stopping = null;
    await running;
  }

  return {
    start() {
      if (stopping) return;
      stopping = new AbortController();
      running = run(stopping.signal);
      running.catch(() => undefined);
    },
    pause,
    async mine(blocks) {
      for (let i = 0; i < blocks; i++) await mineOne();
    },
    follow: (follower) => void followers.add(follower),
    holdBaseFee: (wei) => void (baseFeeWei = wei),
  };
}
