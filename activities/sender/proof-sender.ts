import { createCacheLoop, type Handled } from './cache-loop.js';
import { createNonceGapCloser } from './close-nonce-gap.js';
import { followTransaction } from './follow-transaction.js';
import { readFacts, revealIsDue } from './prepare-step.js';
import type { Prioritised } from './priority-cache.js';
import { sendStep } from './send-step.js';
import type { StepOutcome } from './sender-activities.js';
import type { SenderContext, SenderDeps } from './sender-context.js';
import { createStepWaiters, outcomeOf } from './step-waiters.js';
import { wantCancel, watchFinalAgain, withdraw } from './transaction-states.js';
import {
  findOrInsertTransaction,
  findTransaction,
  liveTransactions,
  readTransaction,
  type StepKey,
  type Transaction,
} from './transactions.js';
import type { Head } from './wallet-rpc.js';

/** The Proof Sender of one wallet on one chain: three caches, their loops, and the rows behind them. */
export interface ProofSender {
  /** Begins to watch what is in flight already, then to send. Rejects if the chain or the database is away. */
  start(): Promise<void>;
  /** Lets what is in hand finish, then stops. Rows stay as they are. */
  stop(): Promise<void>;
  /** Resolves with how the step ends; a step asked for before is the same step. Rejects with a refusal. */
  send(key: StepKey, signal?: AbortSignal): Promise<StepOutcome>;
  /** Uses the step's nonce up by a no-op, or drops the step if it was never signed. Resolves with how it ends. */
  cancel(key: StepKey, signal?: AbortSignal): Promise<StepOutcome>;
}

/** A step in one of the caches; its key is the id of its row. */
type Item = Prioritised;

/** Watching is reading, so many rows are looked at side by side; sending is one after the other. */
const WATCHED_AT_ONCE = 16;

export function createProofSender(deps: SenderDeps): ProofSender {
  const { leadership, log, rpc, wallet, chainId, settings } = deps;
  const { database } = leadership;
  const waiters = createStepWaiters();
  const stopping = new AbortController();
  const running: Promise<unknown>[] = [];
  let head: Head | null = null;
  let queue: Promise<unknown> = Promise.resolve();

  const context: SenderContext = {
    ...deps,
    oneAtATime(work) {
      const result = queue.then(work);
      queue = result.catch(() => undefined);
      return result;
    },
    revealIsDue: () => ProofHashCache.size > 0,
  };

  const closeNonceGap = createNonceGapCloser(context);

  // The three caches of the published design, under its names.
  const finalProofMsgCache = createCacheLoop<Item>({
    name: 'finalProofMsgCache',
    parallel: 1,
    log,
    handle: send,
  });
  const monitPHTxCache = createCacheLoop<Item>({
    name: 'monitPHTxCache',
    parallel: WATCHED_AT_ONCE,
    log,
    handle: monitor,
  });
  const ProofHashCache = createCacheLoop<Item>({
    name: 'ProofHashCache',
    parallel: 1,
    log,
    handle: send,
  });

  function send(item: Item): Promise<Handled> {
    return sendStep(context, waiters, item.key, () => monitPHTxCache.put(item));
  }

  async function tellEnd(row: Transaction): Promise<void> {
    waiters.resolve(row.id, await outcomeOf(database, row));
  }

  /** The middle loop: live transactions are followed; reveals that wait for their window move on when it opens. */
  async function monitor(item: Item): Promise<Handled> {
    const row = await readTransaction(database, item.key);
    switch (row.state) {
      case 'withdrawn':
      case 'final':
        await tellEnd(row);
        return 'done';
      case 'prepared':
        if (row.step === 'reveal') return openWindow(row, item);
        finalProofMsgCache.put(item);
        return 'done';
      case 'pending':
      case 'mined': {
        const followed = await followTransaction(context, row, head ?? (await rpc.head()));
        if (followed.state === 'mined' || followed.state === 'final') await tellEnd(followed);
        // A nonce that was lost: the step goes through all checks again.
        if (followed.state === 'prepared' || followed.state === 'withdrawn') return monitor(item);
        return followed.state === 'final' ? 'done' : 'at-next-head';
      }
    }
  }

  /** The T2 condition. */
  async function openWindow(row: Transaction, item: Item): Promise<Handled> {
    const due = await revealIsDue(context, row);
    if (due.verdict === 'due') {
      ProofHashCache.put(item);
      return 'done';
    }
    if (due.verdict === 'wait') return 'at-next-head';
    await withdraw(database, row.id, due.reason);
    await tellEnd(await readTransaction(database, row.id));
    return 'done';
  }

  /** Puts a row where it belongs. */
  async function enqueue(row: Transaction): Promise<void> {
    const item = itemOf(row, await windowEnd(context, row));
    const beginsWithItsHash = row.state === 'prepared' && row.step !== 'reveal';
    (beginsWithItsHash ? finalProofMsgCache : monitPHTxCache).put(item);
  }

  async function watchHead(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const latest = await rpc.head();
        if (latest.hash !== head?.hash) await onNewHead(latest);
      } catch (error) {
        log.warn({ error }, 'the head cannot be read; tried again');
      }
      await waitFor(settings.pollIntervalMs, stopping.signal);
    }
  }

  async function onNewHead(latest: Head): Promise<void> {
    head = latest;
    for (const loop of [ProofHashCache, monitPHTxCache, finalProofMsgCache]) loop.newHead();
    const nextNonce = await rpc.transactionCount(wallet.address);
    // A reorg deeper than `confirmations` brings rows back that were done with.
    const brought = await watchFinalAgain(database, chainId, wallet.address, nextNonce);
    const filled = await closeNonceGap(nextNonce, latest);
    if (brought > 0 || filled) await watchLiveRows();
  }

  async function watchLiveRows(): Promise<void> {
    for (const row of await liveTransactions(database, chainId, wallet.address)) {
      const item = itemOf(row, null);
      if (!monitPHTxCache.has(item.key)) monitPHTxCache.put(item);
    }
  }

  return {
    async start() {
      head = await rpc.head();
      await watchLiveRows();
      leadership.lost.addEventListener('abort', () => stopping.abort(), { once: true });
      if (leadership.lost.aborted) stopping.abort();
      running.push(...[finalProofMsgCache, monitPHTxCache, ProofHashCache].map((loop) => loop.run(stopping.signal)));
      running.push(watchHead());
      stopping.signal.addEventListener('abort', () => waiters.stop(), { once: true });
    },
    async stop() {
      stopping.abort();
      await Promise.all(running);
    },
    async send(key, signal) {
      const row = await findOrInsertTransaction(database, key, wallet.address);
      const end = handled(waiters.wait(row.id, signal));
      await enqueue(row);
      return end;
    },
    async cancel(key, signal) {
      const row = await findTransaction(database, key, wallet.address);
      if (!row) return { result: 'cancelled', transactionHash: null, blockNumber: null, gasUsed: null };
      const end = handled(waiters.wait(row.id, signal));
      if (row.state === 'prepared') await withdraw(database, row.id, 'cancelled by the workflow');
      else if (row.state === 'pending') await wantCancel(database, row.id, 'cancelled by the workflow');
      await enqueue(await readTransaction(database, row.id));
      return end;
    },
  };
}

function itemOf({ id, sequence: { rollup, firstBatch } }: Transaction, windowEnd: number | null): Item {
  return { key: id, rollup, firstBatch, windowEnd };
}

/** First block in which a step would be too late; only for sorting, so null where it cannot be read. */
async function windowEnd(context: SenderContext, { step, sequence }: Transaction): Promise<number | null> {
  if (step !== 'commit' && step !== 'reveal') return null;
  try {
    const facts = await readFacts(context, sequence);
    return step === 'commit' ? facts.revealStart || null : facts.revealEnd || null;
  } catch (error) {
    context.log.debug({ error }, 'the window of a step cannot be read');
    return null;
  }
}

/** A wait that fails while its caller still does something else is no unhandled rejection. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
