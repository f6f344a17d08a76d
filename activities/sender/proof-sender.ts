import { createSteadyHead } from '../chain/steady-head.js';
import { createHoldUps, type Tell } from './hold-ups.js';
import { createPoolAssets } from '../chain/pool-asset.js';
import { createNodeFeeCap } from './node-fee-cap.js';
import { createNonceSearch } from './nonce-search.js';
import { createOneAtATime } from './one-at-a-time.js';
import type { StepOutcome } from '../../domain/sender-activities.js';
import { createSenderCaches } from './sender-caches.js';
import type { SenderContext, SenderDeps } from './sender-context.js';
import { createStepWaiters } from './step-waiters.js';
import { wantCancel, withdraw } from './transaction-states.js';
import {
  findOrInsertTransaction,
  findTransaction,
  readTransaction,
  type StepKey,
  type Transaction,
} from './transactions.js';
import type { Head } from './wallet-rpc.js';
import { watchHead, watchLiveRows } from './watch-head.js';

/** The Proof Sender of one wallet on one chain: three caches, their loops, and the rows behind them. */
export interface ProofSender {
  /** Begins to watch what is in flight already, then to send. Rejects if the database is away. */
  start(): Promise<void>;
  /** Lets what is in hand finish, then stops. Rows stay as they are. */
  stop(): Promise<void>;
  /** Resolves with how the step ends; a step asked for before is the same step. */
  send(key: StepKey, waiting?: Waiting): Promise<StepOutcome>;
  /** Uses the step's nonce up by a no-op, or drops the step if it was never signed. Resolves with how it ends. */
  cancel(key: StepKey, waiting?: Waiting): Promise<StepOutcome>;
}

/** Somebody who waits for a step. */
export interface Waiting {
  /** Ends the wait, not the step. */
  signal?: AbortSignal;
  /** Told what holds the step up, and with null when nothing does any more. */
  onHeldUp?: Tell;
}

const NEVER_ASKED_FOR: StepOutcome = { result: 'cancelled', transactionHash: null, blockNumber: null, gasUsed: null };

/** A sender for whoever leads: it stops by itself when the leadership is lost. */
export function createProofSender(deps: SenderDeps): ProofSender {
  const { leadership, wallet } = deps;
  const { database } = leadership;
  const waiters = createStepWaiters();
  const context: SenderContext = {
    ...deps,
    oneAtATime: createOneAtATime(),
    head: headThatStays(deps),
    nonceSearch: createNonceSearch(deps.rpc, wallet.address),
    holdUps: createHoldUps(database, deps.log),
    nodeFeeCap: createNodeFeeCap(),
    assetOf: createPoolAssets(deps.chainRpc),
    revealIsDue: () => caches.ProofHashCache.size > 0,
  };
  const caches = createSenderCaches(context, waiters);
  const stopping = new AbortController();
  let running: Promise<unknown> = Promise.resolve();

  function endOf(row: Transaction, { signal, onHeldUp }: Waiting = {}): Promise<StepOutcome> {
    context.holdUps.track(row);
    const unsubscribe = onHeldUp ? context.holdUps.subscribe(row, onHeldUp) : () => undefined;
    return handled(waiters.wait(row.id, signal).finally(unsubscribe));
  }

  return {
    async start() {
      stopping.signal.addEventListener('abort', () => waiters.stop(), { once: true });
      leadership.lost.addEventListener('abort', () => stopping.abort(), { once: true });
      if (leadership.lost.aborted) return stopping.abort();
      await watchLiveRows(context, caches);
      running = Promise.all([caches.run(stopping.signal), watchHead(context, caches, stopping.signal)]);
    },
    async stop() {
      stopping.abort();
      await running;
    },
    async send(key, waiting) {
      const row = await findOrInsertTransaction(database, key, wallet.address);
      const end = endOf(row, waiting);
      await caches.put(row);
      return end;
    },
    async cancel(key, waiting) {
      const row = await findTransaction(database, key, wallet.address);
      if (!row) return NEVER_ASKED_FOR;
      const end = endOf(row, waiting);
      if (row.state === 'prepared') await withdraw(database, row.id, 'cancelled by the workflow');
      if (row.state === 'pending') await wantCancel(database, row.id, 'cancelled by the workflow');
      await caches.put(await readTransaction(database, row.id));
      return end;
    },
  };
}

function headThatStays({ rpc, chainRpc }: SenderDeps): () => Promise<Head> {
  const steady = createSteadyHead(chainRpc, () => rpc.head());
  let last: Head | null = null;
  return async () => (last = await steady(last));
}

/** A wait that fails while its caller still does something else is no unhandled rejection. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
