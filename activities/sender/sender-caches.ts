import { createCacheLoop, type CacheLoop, type Handled } from './cache-loop.js';
import { followTransaction } from './follow-transaction.js';
import { readFacts, revealIsDue } from './prepare-step.js';
import type { Prioritised } from './priority-cache.js';
import { noteWait, sendStep } from './send-step.js';
import type { SenderContext } from './sender-context.js';
import { outcomeOf, type StepWaiters } from './step-waiters.js';
import { withdraw } from './transaction-states.js';
import { readTransaction, type Transaction } from './transactions.js';
import type { Head } from './wallet-rpc.js';
import { aboutStep } from './step-log.js';

/** A step in one of the caches; its key is the id of its row. */
type Item = Prioritised;

/** The three caches of the published design, under its names, with the loops that consume them. */
export interface SenderCaches {
  /** Steps whose hash is to be sent; also settles and take-backs, which free deposit for them. */
  finalProofMsgCache: CacheLoop<Item>;
  /** Transactions that are watched to finality, and reveals whose window is not open yet. */
  monitPHTxCache: CacheLoop<Item>;
  /** Reveals that are due. */
  ProofHashCache: CacheLoop<Item>;
  /** Puts a row where it belongs. */
  put(row: Transaction): Promise<void>;
  /** Watches a row that is `pending` or `mined`, unless it is watched already. */
  watch(row: Transaction): void;
  /** Brings back all that waits for a new head; reveals first. */
  newHead(head: Head): void;
  /** Consumes all three until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>;
}

/** Watching is reading, so many rows are looked at side by side; sending is one after the other. */
const WATCHED_AT_ONCE = 16;

export function createSenderCaches(context: SenderContext, waiters: StepWaiters): SenderCaches {
  const { log, holdUps } = context;
  const onError = holdUps.reportFailure;
  let head: Head | null = null;
  const send = async (item: Item): Promise<Handled> => {
    const handled = await sendStep(context, waiters, item.key);
    if (handled !== 'signed') return handled;
    monitPHTxCache.put(item);
    // What stands before a new reveal may now cost as much as the reveal.
    monitPHTxCache.lookAgain();
    return 'done';
  };

  const finalProofMsgCache = createCacheLoop<Item>({
    name: 'finalProofMsgCache',
    parallel: 1,
    log,
    onError,
    handle: send,
  });
  const ProofHashCache = createCacheLoop<Item>({ name: 'ProofHashCache', parallel: 1, log, onError, handle: send });
  const monitPHTxCache = createCacheLoop<Item>({
    ...{ name: 'monitPHTxCache', parallel: WATCHED_AT_ONCE, log, onError },
    handle: async (item) => monitor({ context, waiters, caches, item, head: head ?? (await context.head()) }),
  });
  const all = [ProofHashCache, monitPHTxCache, finalProofMsgCache];
  const caches: SenderCaches = {
    finalProofMsgCache,
    monitPHTxCache,
    ProofHashCache,
    async put(row) {
      const beginsWithItsHash = row.state === 'prepared' && row.step !== 'reveal';
      (beginsWithItsHash ? finalProofMsgCache : monitPHTxCache).put(itemOf(row, await windowEnd(context, row)));
    },
    watch(row) {
      if (!monitPHTxCache.has(row.id)) monitPHTxCache.put(itemOf(row, null));
    },
    newHead(latest) {
      head = latest;
      for (const cache of all) cache.lookAgain();
    },
    run: async (signal) => void (await Promise.all(all.map((cache) => cache.run(signal)))),
  };
  return caches;
}

interface Monitored {
  context: SenderContext;
  waiters: StepWaiters;
  caches: SenderCaches;
  item: Item;
  head: Head;
}

/** The middle loop: live transactions are followed; reveals that wait for their window move on when it opens. */
async function monitor(monitored: Monitored): Promise<Handled> {
  const { context, waiters, caches, item, head } = monitored;
  const { database } = context.leadership;
  const row = await readTransaction(database, item.key);
  context.holdUps.track(row);
  switch (row.state) {
    case 'withdrawn':
    case 'final':
      context.holdUps.forget(row.id);
      waiters.resolve(row.id, await outcomeOf(database, row));
      return 'done';
    case 'prepared':
      if (row.step === 'reveal') return openWindow(monitored, row);
      caches.finalProofMsgCache.put(item);
      return 'done';
    case 'pending':
    case 'mined': {
      const followed = await followTransaction(context, row, head);
      if (followed.mined) {
        context.holdUps.forget(row.id);
        waiters.resolve(row.id, await outcomeOf(database, followed));
      }
      // A nonce that was lost: the step goes through all checks again.
      if (followed.state === 'prepared' || followed.state === 'withdrawn') return monitor(monitored);
      return followed.state === 'final' ? 'done' : 'at-next-head';
    }
  }
}

/** The T2 condition. */
async function openWindow({ context, waiters, caches, item }: Monitored, row: Transaction): Promise<Handled> {
  const { database } = context.leadership;
  const due = await revealIsDue(context, row);
  if (due.verdict === 'due') {
    caches.ProofHashCache.put(item);
    return 'done';
  }
  if (due.verdict === 'wait') {
    await noteWait(context.holdUps, row, due);
    return 'at-next-head';
  }
  context.log.info({ ...aboutStep(row), reason: due.reason }, 'not sent');
  await withdraw(database, row.id, due.reason);
  context.holdUps.forget(row.id);
  waiters.resolve(row.id, await outcomeOf(database, await readTransaction(database, row.id)));
  return 'done';
}

function itemOf({ id, sequence: { rollup, firstBatch } }: Transaction, end: number | null): Item {
  return { key: id, rollup, firstBatch, windowEnd: end };
}

/** First block in which a step would be too late; only for sorting, so null where it cannot be read. */
async function windowEnd(context: SenderContext, { step, sequence }: Transaction): Promise<number | null> {
  if (step !== 'commit' && step !== 'reveal') return null;
  try {
    const facts = await readFacts(context, sequence);
    return (step === 'commit' ? facts.revealStart : facts.revealEnd) || null;
  } catch (error) {
    context.log.debug({ error }, 'the window of a step cannot be read');
    return null;
  }
}
