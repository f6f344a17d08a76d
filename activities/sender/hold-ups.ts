import type { Logger } from 'pino';
import { withoutNumbers } from '../without-numbers.js';
import type { Queryable } from './ports.js';
import { aboutStep } from './step-log.js';
import { writeNote } from './transaction-states.js';
import type { Transaction } from './transactions.js';

/** When a hold-up is told to those who wait for the step: at once, or once it has lasted. */
export type Urgency = 'at once' | 'if it lasts';

/**
 * What keeps each step from being sent or mined. It stands in the row's note, for people; in memory is what the step's
 * workflow and the metrics are told.
 */
export interface HoldUps {
  /** From now on hold-ups that concern every step are told of this one, too. */
  track(row: Transaction): void;
  /** Something is in the step's way. */
  report(row: Transaction, reason: string, urgency?: Urgency): Promise<void>;
  /** Looking after it failed, as when an endpoint or the database is away; it is tried again. Never throws. */
  reportFailure(id: string, reason: string): void;
  /**
   * Nothing is in its way.
   *
   * @param waitsFor what has to come first and will, as its window; only for the note
   */
  clear(row: Transaction, waitsFor?: string | null): Promise<void>;
  /** Something is in the way of all steps; null once it is gone. */
  reportAll(reason: string | null): void;
  /** The step has ended. */
  forget(id: string): void;
  newHead(block: number): void;
  /**
   * Calls `tell` whenever what is to be told of a step has changed: a reason, or null once nothing is in its way, or not
   * for long. That numbers in a reason move on, as a base fee does at every block, is no change.
   *
   * @returns ends that
   */
  subscribe(row: Transaction, tell: Tell): () => void;
  /** Looks whether something has lasted long enough to be told. */
  look(): void;
  /** Steps of which something is told, by kind. */
  count(): Map<Transaction['step'], number>;
}

/** Told what holds a step up; null: nothing any more. */
export type Tell = (reason: string | null) => void;

interface Subscription {
  id: string;
  tell: Tell;
  told: string | null;
}

interface HoldUp {
  reason: string;
  sinceBlock: number;
  sinceMs: number;
  atOnce: boolean;
}

/** What passes within a block or two is nobody's concern; nor within this time, where no blocks come. */
const LASTS_BLOCKS = 2;
const LASTS_MS = 15_000;
const BEING_CANCELLED = 'it is being cancelled';

export function createHoldUps(database: Queryable, log: Logger): HoldUps {
  const tracked = new Map<string, { step: Transaction['step']; own: HoldUp | null }>();
  let ofAll: HoldUp | null = null;
  let head = 0;

  const begin = (before: HoldUp | null, reason: string, atOnce: boolean): HoldUp => ({
    reason,
    sinceBlock: before?.sinceBlock ?? head,
    sinceMs: before?.sinceMs ?? Date.now(),
    atOnce,
  });
  const lasts = ({ atOnce, sinceBlock, sinceMs }: HoldUp): boolean =>
    atOnce || head >= sinceBlock + LASTS_BLOCKS || Date.now() >= sinceMs + LASTS_MS;
  function toldOf(id: string): string | null {
    const own = tracked.get(id)?.own ?? null;
    return [own, ofAll].find((holdUp) => holdUp !== null && lasts(holdUp))?.reason ?? null;
  }

  const { subscribe, look } = createSubscriptions(toldOf);

  return {
    track({ id, step }) {
      if (!tracked.has(id)) tracked.set(id, { step, own: null });
    },
    async report(row, reason, urgency = 'if it lasts') {
      const before = tracked.get(row.id)?.own ?? null;
      tracked.set(row.id, { step: row.step, own: begin(before, reason, urgency === 'at once') });
      if (!isSameButForNumbers(before?.reason ?? null, reason)) log.warn({ ...aboutStep(row), reason }, 'held up');
      look();
      await writeNote(database, row.id, reason);
    },
    reportFailure(id, reason) {
      const entry = tracked.get(id);
      if (entry) entry.own = begin(entry.own, reason, false);
      writeNote(database, id, reason).catch(() => undefined);
    },
    async clear(row, waitsFor = null) {
      const entry = tracked.get(row.id);
      if (entry?.own) log.info(aboutStep(row), 'no longer held up');
      if (entry) entry.own = null;
      look();
      const note = row.cancelWanted ? BEING_CANCELLED : waitsFor;
      if (row.note !== note) await writeNote(database, row.id, note);
    },
    reportAll(reason) {
      ofAll = reason === null ? null : begin(ofAll, reason, false);
    },
    forget: (id) => void tracked.delete(id),
    newHead: (block) => void (head = block),
    subscribe,
    look,
    count() {
      const counts = new Map<Transaction['step'], number>();
      for (const [id, { step }] of tracked) {
        if (toldOf(id) !== null) counts.set(step, (counts.get(step) ?? 0) + 1);
      }
      return counts;
    },
  };
}

/** Who is told of which step, each time something has changed. */
function createSubscriptions(toldOf: (id: string) => string | null): Pick<HoldUps, 'subscribe' | 'look'> {
  const subscriptions = new Set<Subscription>();
  return {
    subscribe({ id }, tell) {
      const subscription: Subscription = { id, tell, told: null };
      subscriptions.add(subscription);
      return () => void subscriptions.delete(subscription);
    },
    look() {
      for (const subscription of subscriptions) {
        const reason = toldOf(subscription.id);
        if (isSameButForNumbers(reason, subscription.told)) continue;
        subscription.told = reason;
        subscription.tell(reason);
      }
    },
  };
}

/** What is told is a signal, and stays in a workflow's history: one at every block would fill it within a day or two. */
function isSameButForNumbers(a: string | null, b: string | null): boolean {
  const kindOf = (reason: string | null): string | null => (reason === null ? null : withoutNumbers(reason));
  return kindOf(a) === kindOf(b);
}
