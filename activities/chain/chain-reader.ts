import type pg from 'pg';
import { createBlockTimes, FIRST_SAMPLES } from './block-times.js';
import type { ChainRpc } from './chain-rpc.js';
import type { Header } from './endpoints/rpc-answers.js';
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

/** A state of the chain that the reader has seen; the numbers count up. */
export interface Sighting {
  number: number;
  head: Header;
}

/** The one reader of a base chain in a process: it looks at the head, and all who wait hear of it. */
export interface ChainReader {
  readonly rpc: ChainRpc;
  start(): void;
  stop(): Promise<void>;
  /** The head as the chain has it now; asked once for all who ask at the same moment. */
  freshHead(): Promise<Header>;
  /**
   * Resolves as soon as there is another sighting than number `since`: a new head, or postings that were not known at
   * the last one, whichever process read them.
   *
   * @param since number of the last sighting that the caller has looked at, 0 for none
   * @throws the signal's reason when it fires
   */
  nextSighting(since: number, signal: AbortSignal): Promise<Sighting>;
  /** Usual time between blocks, from the newest ones. */
  blockTimeMs(): Promise<number>;
  /** What went wrong with the last look at the chain, null while all is well. */
  problem(): string | null;
}

export function createChainReader(options: ChainReaderOptions): ChainReader {
  const { rpc, pool, onProblem, minimumPauseMs = 100, maximumPauseMs = 4_000 } = options;
  const stopped = new AbortController();
  const waiting = new Set<(sighting: Sighting) => void>();
  const blockTimes = createBlockTimes();
  let running: Promise<void> | null = null;
  let asking: Promise<Header> | null = null;
  let seen: Sighting | null = null;
  let knownThen: string | null = null;
  let problem: string | null = null;

  function freshHead(): Promise<Header> {
    asking ??= rpc.latest().finally(() => (asking = null));
    return asking;
  }

  async function look(): Promise<boolean> {
    const head = await freshHead();
    const isNew = head.hash !== seen?.head.hash;
    const { hasRead, known } = await bringPostingsUpTo(pool, rpc, head);
    if (!isNew && !hasRead && known === knownThen) return false;
    knownThen = known;
    seen = { number: (seen?.number ?? 0) + 1, head };
    blockTimes.add(head);
    for (const wake of [...waiting]) wake(seen);
    return isNew;
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
      const blockTimeMs = blockTimes.medianMs();
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

    nextSighting(since, signal) {
      if (seen && seen.number !== since) return Promise.resolve(seen);
      return wakeUp(waiting, [signal, stopped.signal]);
    },

    async blockTimeMs() {
      return blockTimes.isSure() ? blockTimes.medianMs() : medianBlockTimeMs(rpc, await freshHead());
    },
  };
}

/** Usual time between the blocks up to `head`, for as long as too few of them were seen coming. */
async function medianBlockTimeMs(rpc: ChainRpc, head: Header): Promise<number> {
  const numbers = Array.from({ length: Math.min(FIRST_SAMPLES, head.number) }, (_, i) => head.number - i - 1);
  const earlier = await Promise.all(numbers.reverse().map((number) => rpc.block(number)));
  return createBlockTimes([...earlier.filter((block) => block !== null), head]).medianMs();
}

/** Resolves with the next sighting that is told to `waiting`; rejects with the reason of the first signal that fires. */
function wakeUp(waiting: Set<(sighting: Sighting) => void>, signals: readonly AbortSignal[]): Promise<Sighting> {
  return new Promise((resolve, reject) => {
    const end = () => {
      waiting.delete(wake);
      for (const signal of signals) signal.removeEventListener('abort', abort);
    };
    const wake = (sighting: Sighting) => {
      end();
      resolve(sighting);
    };
    const abort = () => {
      end();
      const reason: unknown = signals.find(({ aborted }) => aborted)?.reason;
      reject(reason instanceof Error ? reason : new Error(String(reason)));
    };
    waiting.add(wake);
    for (const signal of signals) signal.addEventListener('abort', abort);
    if (signals.some(({ aborted }) => aborted)) abort();
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
