import type { Logger } from 'pino';
import { createPriorityCache, type Prioritised } from './priority-cache.js';

/** What becomes of an item: done here, or to be looked at again at the next head. */
export type Handled = 'done' | 'at-next-head';

/** A priority cache with the loop that consumes it. */
export interface CacheLoop<Item extends Prioritised> {
  /** Adds an item, to be handled at once; one with the same key is replaced. */
  put(item: Item): void;
  has(key: string): boolean;
  readonly size: number;
  /** Brings back all items that wait for a new head. */
  lookAgain(): void;
  /** Consumes the cache until the signal is aborted; resolves when the last item in hand is finished. */
  run(signal: AbortSignal): Promise<void>;
}

export interface CacheLoopOptions<Item> {
  name: string;
  handle: (item: Item) => Promise<Handled>;
  /** How many items may be in hand at once. */
  parallel: number;
  /** Told of an item that could not be handled, and why; it is tried again in a moment. */
  onError: (key: string, reason: string) => void;
  log: Logger;
}

/** Pause after an error that nobody expected: an endpoint or the database is away. */
const ERROR_PAUSE_MS = 250;

export function createCacheLoop<Item extends Prioritised>(options: CacheLoopOptions<Item>): CacheLoop<Item> {
  const { handle, parallel, log, name, onError } = options;
  const cache = createPriorityCache<Item>();
  const waitingForHead = new Map<string, Item>();
  /** To be looked at again, after those in the cache that were not looked at yet: checks may take longer than a block. */
  const nextRound = new Map<string, Item>();
  const [inHand, failing] = [new Set<string>(), new Set<string>()];
  /** Asked for again while in hand: one key is never handled twice at the same time. */
  const askedAgain = new Map<string, Item>();
  /** How often everything was to be looked at again. */
  let looks = 0;
  let wake = (): void => undefined;

  async function handleOne(item: Item): Promise<void> {
    inHand.add(item.key);
    const lookAtStart = looks;
    let handled: Handled = 'at-next-head';
    try {
      handled = await handle(item);
      failing.delete(item.key);
    } catch (error) {
      // Once: the next try is a moment away, and a log full of them hides everything else.
      log[failing.has(item.key) ? 'debug' : 'warn']({ loop: name, key: item.key, error }, 'tried again in a moment');
      failing.add(item.key);
      onError(item.key, error instanceof Error ? error.message : String(error));
      setTimeout(() => waitingForHead.has(item.key) && put(item), ERROR_PAUSE_MS).unref();
    }
    inHand.delete(item.key);
    const again = askedAgain.get(item.key);
    if (again) put(again);
    else if (handled === 'at-next-head') {
      // A head that came while the item was in hand is its next one already.
      if (looks > lookAtStart) nextRound.set(item.key, item);
      else waitingForHead.set(item.key, item);
    }
  }

  function put(item: Item): void {
    if (inHand.has(item.key)) return void askedAgain.set(item.key, item);
    askedAgain.delete(item.key);
    waitingForHead.delete(item.key);
    nextRound.delete(item.key);
    cache.put(item);
    wake();
  }

  function take(): Item | undefined {
    if (cache.size === 0) {
      for (const item of nextRound.values()) cache.put(item);
      nextRound.clear();
    }
    return cache.take();
  }

  return {
    put,
    has: (key) => [cache, waitingForHead, nextRound, inHand].some((place) => place.has(key)),
    get size() {
      return [cache, waitingForHead, nextRound, inHand].reduce((sum, place) => sum + place.size, 0);
    },
    lookAgain() {
      looks += 1;
      for (const item of waitingForHead.values()) nextRound.set(item.key, item);
      waitingForHead.clear();
      wake();
    },
    run: (signal) => consume(signal, { take, handleOne, parallel, onWake: (wakeUp) => (wake = wakeUp) }),
  };
}

interface Consumption<Item> {
  take: () => Item | undefined;
  handleOne: (item: Item) => Promise<void>;
  parallel: number;
  /** Given what to call when there may be something to take. */
  onWake: (wake: () => void) => void;
}

/** Takes and handles until the signal is aborted, then waits for what is in hand. */
async function consume<Item>(
  signal: AbortSignal,
  { take, handleOne, parallel, onWake }: Consumption<Item>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  let wake = (): void => undefined;
  const wakeUp = (): void => wake();
  onWake(wakeUp);
  signal.addEventListener('abort', wakeUp);
  while (!signal.aborted) {
    const item = running.size < parallel ? take() : undefined;
    if (item === undefined) {
      await new Promise<void>((resolve) => (wake = resolve));
      continue;
    }
    const one = handleOne(item).finally(() => {
      running.delete(one);
      wakeUp();
    });
    running.add(one);
  }
  signal.removeEventListener('abort', wakeUp);
  await Promise.all(running);
}
