import type { Header } from './endpoints/rpc-answers.js';

/** A state of the chain that the reader has seen; the numbers count up. */
export interface Sighting {
  number: number;
  head: Header;
}

/** What the reader has seen, for those who wait for news. */
export interface Sightings {
  last(): Sighting | null;
  /** There is something new at this head. */
  tell(head: Header): void;
  /** As `ChainReader.nextSighting`; rejects with the reason of the first signal that fires. */
  next(since: number, signals: readonly AbortSignal[]): Promise<Sighting>;
}

export function createSightings(): Sightings {
  const waiting = new Set<(sighting: Sighting) => void>();
  let last: Sighting | null = null;
  return {
    last: () => last,
    tell(head) {
      last = { number: (last?.number ?? 0) + 1, head };
      for (const wake of [...waiting]) wake(last);
    },
    next: (since, signals) => (last && last.number !== since ? Promise.resolve(last) : wakeUp(waiting, signals)),
  };
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
