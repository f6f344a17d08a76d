import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { withoutNumbers } from '../without-numbers.js';
import { createBlockTimes, FIRST_SAMPLES } from './block-times.js';
import type { ChainRpc } from './chain-rpc.js';
import type { Header } from './endpoints/rpc-answers.js';
import { createSightings, type Sighting } from './sightings.js';
import { createSteadyHead } from './steady-head.js';
import { createMissingPostings, type MissingPostings } from './missing-postings.js';
import { bringPostingsUpTo, type PostingsRead } from './posting-index.js';

export interface ChainReaderOptions {
  rpc: ChainRpc;
  pool: pg.Pool;
  /** Told when reading begins to fail, and of another reason; the reader goes on. */
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
  const sightings = createSightings();
  const blockTimes = createBlockTimes();
  let running: Promise<void> | null = null;
  let asking: Promise<Header> | null = null;
  let knownThen: string | null = null;
  const missing = createMissingPostings(pool, rpc);
  const steady = createSteadyHead(rpc, () => rpc.latest());
  let problem: string | null = null;

  function freshHead(): Promise<Header> {
    asking ??= steady(sightings.last()?.head ?? null).finally(() => (asking = null));
    return asking;
  }

  async function look(): Promise<boolean> {
    const head = await freshHead();
    const isNew = head.hash !== sightings.last()?.head.hash;
    const read = await bringPostingsUpTo(pool, rpc, head);
    const { hasRead, known } = read;
    // Also where postings cannot be read now: that concerns nobody who waits for a block.
    if (isNew || hasRead || known !== knownThen) {
      knownThen = known;
      blockTimes.add(head);
      sightings.tell(head);
    }
    // After all have heard of the head: nobody waits for this.
    await requireComplete(missing, read, head);
    return isNew;
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      let isNew = false;
      try {
        isNew = await look();
        problem = null;
      } catch (error) {
        const now = error instanceof Error ? error : new Error(String(error));
        if (withoutNumbers(now.message) !== withoutNumbers(problem ?? '')) onProblem(now);
        problem = now.message;
      }
      const blockTimeMs = blockTimes.medianMs();
      // After a block the next one is some way off; then it is looked for often, so that windows are met.
      const pauseMs = isNew ? blockTimeMs * 0.7 : blockTimeMs / 10;
      const inBoundsMs = Math.min(maximumPauseMs, Math.max(minimumPauseMs, pauseMs));
      await delay(inBoundsMs, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  }

  return {
    rpc,
    freshHead,
    problem: () => problem,
    start: () => void (running ??= run()),
    async stop() {
      stopped.abort(new Error('the chain reader was stopped'));
      await running;
    },
    nextSighting: (since, signal) => sightings.next(since, [signal, stopped.signal]),
    async blockTimeMs() {
      return blockTimes.isSure() ? blockTimes.medianMs() : medianBlockTimeMs(rpc, await freshHead());
    },
  };
}

/** @throws Error saying what could not be read, and naming the rollups of which postings stay missing */
async function requireComplete(missing: MissingPostings, read: PostingsRead, head: Header): Promise<void> {
  const problems = await missing.look(read, head);
  if (read.problem) throw read.problem;
  if (problems.length > 0) throw new Error(problems.join('; '));
}

/** Usual time between the blocks up to `head`, for as long as too few of them were seen coming. */
async function medianBlockTimeMs(rpc: ChainRpc, head: Header): Promise<number> {
  const numbers = Array.from({ length: Math.min(FIRST_SAMPLES, head.number) }, (_, i) => head.number - i - 1);
  const earlier = await Promise.all(numbers.reverse().map((number) => rpc.block(number)));
  return createBlockTimes([...earlier.filter((block) => block !== null), head]).medianMs();
}
