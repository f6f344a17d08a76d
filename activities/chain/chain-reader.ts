import type pg from 'pg';
import { createBlockTimes, SAMPLE_BLOCKS } from './block-times.js';
import type { ChainRpc, Header } from './chain-rpc.js';
import { bringPostingsUpTo } from './posting-index.js';

export interface ChainReaderOptions {
  rpc: ChainRpc;
  pool: pg.Pool;
  /** Told of every read that failed; the reader goes on. */
  onProblem: (error: Error) => void;
  /** Shortest and longest pause between two looks at the head. Default 100 and 4,000 ms. */
  minimumPauseMs?: number;
  maximumPauseMs?: number;
}

/** The one reader of a base chain in a process: it looks at the head, and all who wait hear of it. */
export interface ChainReader {
  readonly rpc: ChainRpc;
  start(): void;
  stop(): Promise<void>;
  /** The head as the chain has it now; asked once for all who ask at the same moment. */
  freshHead(): Promise<Header>;
  /**
   * Resolves with the head as soon as one other than `than` was seen and the postings up to it are known.
   *
   * @throws the signal's reason when it fires
   */
  headOtherThan(than: string | null, signal: AbortSignal): Promise<Header>;
  /** Mean time between blocks, from the newest ones. */
  blockTimeMs(): Promise<number>;
  /** What went wrong with the last look at the chain, null while all is well. */
  problem(): string | null;
}

export function createChainReader(options: ChainReaderOptions): ChainReader {
  const { rpc, pool, onProblem, minimumPauseMs = 100, maximumPauseMs = 4_000 } = options;
  const stopped = new AbortController();
  const waiting = new Set<(head: Header) => void>();
  const blockTimes = createBlockTimes();
  let running: Promise<void> | null = null;
  let asking: Promise<Header> | null = null;
  let seen: Header | null = null;
  let problem: string | null = null;

  function freshHead(): Promise<Header> {
    asking ??= rpc.latest().finally(() => (asking = null));
    return asking;
  }

  async function look(): Promise<boolean> {
    const head = await freshHead();
    await bringPostingsUpTo(pool, rpc, head);
    if (head.hash === seen?.hash) return false;
    seen = head;
    blockTimes.add(head);
    for (const wake of [...waiting]) wake(head);
    return true;
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      let isNew = false;
      try {
        isNew = await look();
        problem = null;
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        onProblem(error instanceof Error ? error : new Error(problem));
      }
      const blockTimeMs = blockTimes.meanMs();
      // After a block the next one is some way off; then it is looked for often, so that windows are met.
      const pauseMs = isNew ? blockTimeMs * 0.7 : blockTimeMs / 10;
      await pause(Math.min(maximumPauseMs, Math.max(minimumPauseMs, pauseMs)), stopped.signal);
    }
  }

  return {
    rpc,
    freshHead,
    problem: () => problem,

    start() {
      running ??= run();
    },

    async stop() {
      stopped.abort(new Error('the chain reader was stopped'));
      await running;
    },

    headOtherThan(than, signal) {
      if (seen && seen.hash !== than) return Promise.resolve(seen);
      return wakeUp(waiting, AbortSignal.any([signal, stopped.signal]));
    },

    async blockTimeMs() {
      if (blockTimes.isSure()) return blockTimes.meanMs();
      const head = await freshHead();
      const earlier = await rpc.block(Math.max(0, head.number - SAMPLE_BLOCKS));
      return createBlockTimes(earlier ? [earlier, head] : [head]).meanMs();
    },
  };
}

/** Resolves with the next head that is told to `waiting`. */
function wakeUp(waiting: Set<(head: Header) => void>, signal: AbortSignal): Promise<Header> {
  return new Promise((resolve, reject) => {
    const end = () => {
      waiting.delete(wake);
      signal.removeEventListener('abort', abort);
    };
    const wake = (head: Header) => {
      end();
      resolve(head);
    };
    const abort = () => {
      end();
      reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
    };
    if (signal.aborted) return abort();
    waiting.add(wake);
    signal.addEventListener('abort', abort);
  });
}

function pause(timeMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, timeMs);
    signal.addEventListener('abort', end);
  });
}
