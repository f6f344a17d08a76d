import {
  HandedBackError,
  type ClaimedTask,
  type ProofSlots,
  type SlotClaim,
  type SlotContext,
} from '../activities/proving/proof-slots.js';
import { createClaimLead } from './claim-lead.js';
import { createSlotForecast, type RunningProof } from './slot-forecast.js';

/** A claimed task that has waited so long for a busy slot is handed back: the forecast was wrong. */
const DEFAULT_PATIENCE_MS = 1_000;

/** One proof, as it went through a slot. Times are wall clock, in milliseconds. */
export interface SlotRecord extends ClaimedTask {
  /** Slots of a machine count from 1. */
  slot: number;
  claimedAtMs: number;
  /** When its inputs were here. */
  readyAtMs: number;
  beganAtMs: number;
  endedAtMs: number;
  outcome: 'made' | 'failed';
}

export interface ProverSlotOptions {
  /** How many proofs are made at the same time. */
  count: number;
  /** Called at the end of each proof. */
  onProof?: (record: SlotRecord) => void;
  /** Called when a claimed task is handed back. */
  onHandBack?: (task: ClaimedTask, reason: string) => void;
  /** Most that a claimed task waits, inputs in hand, while every slot is busy. */
  patienceMs?: number;
}

/** A request for one task. */
export interface ClaimRequest {
  openedAtMs: number;
}

/**
 * The slots of one machine. A task is claimed for every slot that is idle, and for one that is busy as soon as its proof
 * is nearly done: just so early that the next task and its inputs are there when the slot gets free.
 */
export interface ProverSlots extends ProofSlots {
  /** Opens a claim if a slot is, or will soon be, without a task; null otherwise. */
  openClaim(): ClaimRequest | null;
  /** Called whenever `openClaim` may have another answer than before. */
  onOpening(listener: () => void): void;
  /** A task has come for this claim: `claim` is about to be called for it. */
  answered(request: ClaimRequest): void;
  /** The claim is no longer open, whatever came of it. */
  close(request: ClaimRequest): void;
  /** Takes no more tasks and hands back those that wait; proofs in hand go on. */
  drain(): void;
  /** Hands back the proofs in hand as well, at once. */
  giveUp(): void;
}

interface BusySlot {
  proof: RunningProof;
  /** A task claimed ahead for this slot had to be handed back: none is claimed until it is free. */
  claimedInVain: boolean;
}

interface Slot {
  number: number;
  busy: BusySlot | null;
}

interface WaitingTask {
  task: ClaimedTask;
  /** Begins the proof in a slot; null until the inputs are here. */
  begin: ((slot: Slot) => void) | null;
  handBack(reason: string): void;
}

export function createProverSlots(options: ProverSlotOptions): ProverSlots {
  const patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
  const slots = Array.from({ length: options.count }, (_, index): Slot => ({ number: index + 1, busy: null }));
  /** Asked for at the server; no task has come yet. */
  const open = new Set<ClaimRequest>();
  /** Tasks have come for these, and are on their way to `claim`. */
  const arriving = new Set<ClaimRequest>();
  /** Claimed, in the order in which they came. */
  const waiting = new Set<WaitingTask>();
  const forecast = createSlotForecast();
  const lead = createClaimLead();
  const givingUp = new AbortController();
  let draining = false;
  let timer: NodeJS.Timeout | undefined;
  let tellOpening = (): void => {};

  /** When a task may be claimed for the slot. */
  function opensAt({ busy }: Slot): number {
    if (!busy) return -Infinity;
    const end = busy.claimedInVain ? null : busy.proof.expectedEnd();
    return end === null ? Infinity : end - lead.leadMs();
  }

  /** To be called after every change: hands out idle slots, and sees to the next opening. */
  function update(): void {
    for (const slot of slots) {
      if (slot.busy) continue;
      const next = [...waiting].find(({ begin }) => begin);
      if (!next?.begin) break;
      waiting.delete(next);
      next.begin(slot);
    }
    clearTimeout(timer);
    if (draining) return;
    tellOpening();
    const next = Math.min(...slots.map(opensAt).filter((at) => at > performance.now()));
    if (next < Infinity) timer = setTimeout(update, Math.max(1, next - performance.now())).unref();
  }

  function run<T>(
    task: ClaimedTask,
    times: ClaimTimes,
    signal: AbortSignal,
    work: Work<T>,
  ): (slot: Slot) => Promise<T> {
    return async (slot) => {
      const begun = performance.now();
      const busy: BusySlot = { proof: forecast.begin(task.kind, begun), claimedInVain: false };
      slot.busy = busy;
      let outcome: SlotRecord['outcome'] = 'failed';
      try {
        const result = await work({
          signal: AbortSignal.any([signal, givingUp.signal]),
          progress(stage, fraction) {
            busy.proof.progress(stage, fraction, performance.now());
            update();
          },
        });
        outcome = 'made';
        return result;
      } catch (error) {
        throw givingUp.signal.aborted ? givingUp.signal.reason : error;
      } finally {
        const ended = performance.now();
        if (outcome === 'made') busy.proof.done(ended);
        slot.busy = null;
        update();
        const at = { ...times, beganAtMs: wallClock(begun), endedAtMs: wallClock(ended) };
        options.onProof?.({ ...task, slot: slot.number, ...at, outcome });
      }
    };
  }

  function handedBack(task: ClaimedTask, reason: string): HandedBackError {
    options.onHandBack?.(task, reason);
    return new HandedBackError(reason);
  }

  /** Remembers of a busy slot that claiming ahead for it was too early. */
  function noteVainClaim(): void {
    const [first] = slots
      .flatMap(({ busy }) => (busy && !busy.claimedInVain ? [busy] : []))
      .sort((a, b) => (a.proof.expectedEnd() ?? Infinity) - (b.proof.expectedEnd() ?? Infinity));
    if (first) first.claimedInVain = true;
  }

  /** How long a task that is ready now will wait for a slot, as far as can be told. */
  function expectedWaitMs(): number {
    const ends = slots.map(({ busy }) => (busy ? busy.proof.expectedEnd() : null));
    return Math.min(...ends.map((end) => (end === null ? 0 : Math.max(0, end - performance.now()))));
  }

  function waitForSlot<T>(entry: WaitingTask, signal: AbortSignal, start: (slot: Slot) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(patience);
        signal.removeEventListener('abort', abort);
        waiting.delete(entry);
      };
      const abort = (): void => {
        leave();
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        update();
      };
      const handBack = (reason: string): void => {
        leave();
        reject(handedBack(entry.task, reason));
      };
      const giveBackUnproved = (): void => {
        noteVainClaim();
        handBack(`every slot of this machine is busy for longer than was foreseen (${patienceMs} ms)`);
        update();
      };
      const patience = setTimeout(giveBackUnproved, patienceMs);
      signal.addEventListener('abort', abort, { once: true });
      entry.handBack = handBack;
      entry.begin = (slot) => {
        leave();
        start(slot).then(resolve, reject);
      };
      if (signal.aborted) return abort();
      update();
      if (waiting.has(entry) && expectedWaitMs() > patienceMs) giveBackUnproved();
    });
  }

  function drain(): void {
    draining = true;
    clearTimeout(timer);
    for (const { handBack } of waiting) handBack(DRAINING);
  }

  return {
    openClaim() {
      const now = performance.now();
      const openings = slots.filter((slot) => opensAt(slot) <= now).length;
      if (draining || open.size + arriving.size + waiting.size >= openings) return null;
      const request = { openedAtMs: Date.now() };
      open.add(request);
      return request;
    },
    onOpening(listener) {
      tellOpening = listener;
    },
    answered(request) {
      open.delete(request);
      arriving.add(request);
    },
    close(request) {
      open.delete(request);
      arriving.delete(request);
      update();
    },

    claim(task): SlotClaim {
      const [request] = arriving;
      if (request) arriving.delete(request);
      if (draining) throw handedBack(task, DRAINING);
      const claimedAtMs = Date.now();
      // Of a task that came into the queue later, the time says only how long the queue was empty.
      if (request && task.scheduledAtMs < request.openedAtMs) lead.claimed(claimedAtMs - request.openedAtMs);
      const entry: WaitingTask = { task, begin: null, handBack: () => {} };
      waiting.add(entry);
      return {
        async prove(signal, work) {
          if (draining) throw handedBack(task, DRAINING);
          const readyAtMs = Date.now();
          lead.fetched(readyAtMs - claimedAtMs);
          return waitForSlot(entry, signal, run(task, { claimedAtMs, readyAtMs }, signal, work));
        },
        leave() {
          if (waiting.delete(entry)) update();
        },
      };
    },

    drain,
    giveUp() {
      drain();
      givingUp.abort(new HandedBackError('this machine was told to stop at once'));
    },
  };
}

type Work<T> = (context: SlotContext) => Promise<T>;
type ClaimTimes = Pick<SlotRecord, 'claimedAtMs' | 'readyAtMs'>;

const DRAINING = 'this machine takes no more work';

/** @param atMs of `performance.now()` */
function wallClock(atMs: number): number {
  return performance.timeOrigin + atMs;
}
