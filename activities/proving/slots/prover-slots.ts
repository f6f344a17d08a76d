import type { ClaimedTask, ProofSlots, SlotClaim, SlotContext } from '../proof-slots.js';
import { HandedBackError } from '../../../domain/prover-errors.js';
import { createClaimLead } from './claim-lead.js';
import { createMachineRest, type MachineRest } from './machine-rest.js';
import type { ProofRecord } from './proof-record.js';
import { createSlotForecast, type RunningProof } from './slot-forecast.js';
import { createWaitingRoom, type Ticket, type WaitingRoom } from './slot-waiting-room.js';

/** A claimed task that has waited so much longer than was foreseen for a busy slot is handed back. */
const DEFAULT_PATIENCE_MS = 1_000;

/** One proof, as it went through a slot. Times are wall clock, in milliseconds. */
export interface SlotRecord extends ProofRecord {
  /** Slots of a machine count from 1. */
  slot: number;
  claimedAtMs: number;
  /** When its inputs were here. */
  readyAtMs: number;
}

export interface ProverSlotOptions {
  /** How many proofs are made at the same time. */
  count: number;
  /** Called at the end of each proof. */
  onProof?: (record: SlotRecord) => void;
  /** Called when a claimed task is handed back. */
  onHandBack?: (task: ClaimedTask, reason: string) => void;
  /** Called when the machine failed again and again, and will take no task for a while. */
  onRest?: (restMs: number) => void;
  /** How much longer than was foreseen a claimed task waits, inputs in hand, while every slot is busy. */
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

const DRAINING = 'this machine takes no more work';

export function createProverSlots(options: ProverSlotOptions): ProverSlots {
  return new MachineSlots(options);
}

class MachineSlots implements ProverSlots {
  readonly #options: ProverSlotOptions;
  readonly #patienceMs: number;
  readonly #slots: Slot[];
  /** Asked for at the server; no task has come yet. */
  readonly #open = new Set<ClaimRequest>();
  /** Tasks have come for these, and are on their way to `claim`. */
  readonly #arriving = new Set<ClaimRequest>();
  readonly #waitingRoom: WaitingRoom<Slot>;
  readonly #forecast = createSlotForecast();
  readonly #lead = createClaimLead();
  readonly #rest: MachineRest;
  readonly #givingUp = new AbortController();
  #draining = false;
  #timer: NodeJS.Timeout | undefined;
  #tellOpening = (): void => {};

  constructor(options: ProverSlotOptions) {
    this.#options = options;
    this.#patienceMs = options.patienceMs ?? DEFAULT_PATIENCE_MS;
    this.#slots = Array.from({ length: options.count }, (_, index) => ({ number: index + 1, busy: null }));
    this.#waitingRoom = createWaitingRoom((task, reason) => options.onHandBack?.(task, reason));
    this.#rest = createMachineRest((restMs) => options.onRest?.(restMs));
  }

  openClaim(): ClaimRequest | null {
    const now = performance.now();
    const openings = this.#slots.filter((slot) => this.#opensAt(slot) <= now).length;
    const claims = this.#open.size + this.#arriving.size + this.#waitingRoom.size();
    if (this.#draining || claims >= openings) return null;
    const request = { openedAtMs: Date.now() };
    this.#open.add(request);
    return request;
  }

  onOpening(listener: () => void): void {
    this.#tellOpening = listener;
  }

  answered(request: ClaimRequest): void {
    this.#open.delete(request);
    this.#arriving.add(request);
  }

  close(request: ClaimRequest): void {
    this.#open.delete(request);
    this.#arriving.delete(request);
    this.#update();
  }

  claim(task: ClaimedTask): SlotClaim {
    const [request] = this.#arriving;
    if (request) this.#arriving.delete(request);
    if (this.#draining) throw this.#refuse(task);
    const claimedAtMs = Date.now();
    // Of a task that came into the queue later, the time says only how long the queue was empty.
    if (request && task.scheduledAtMs < request.openedAtMs) this.#lead.claimed(claimedAtMs - request.openedAtMs);
    const ticket = this.#waitingRoom.enter(task);
    return {
      prove: async (signal, work) => {
        if (this.#draining) throw this.#refuse(task);
        const readyAtMs = Date.now();
        this.#lead.fetched(readyAtMs - claimedAtMs);
        return this.#waitForSlot(ticket, { task, times: { claimedAtMs, readyAtMs }, signal, work });
      },
      leave: (isSick) => {
        this.#waitingRoom.leave(ticket);
        if (isSick) this.#rest.failed();
        this.#update();
      },
    };
  }

  drain(): void {
    this.#draining = true;
    clearTimeout(this.#timer);
    this.#waitingRoom.handBackAll(DRAINING);
  }

  giveUp(): void {
    this.drain();
    this.#givingUp.abort(new HandedBackError('this machine was told to stop at once'));
  }

  /** When a task may be claimed for the slot. */
  #opensAt({ busy }: Slot): number {
    const restsUntil = this.#rest.untilMs();
    if (!busy) return restsUntil;
    const end = busy.claimedInVain ? null : busy.proof.expectedEnd();
    return end === null ? Infinity : Math.max(restsUntil, end - this.#lead.leadMs());
  }

  /** To be called after every change: hands out idle slots, and sees to the next opening. */
  #update(): void {
    for (const slot of this.#slots) if (!slot.busy && !this.#waitingRoom.serve(slot)) break;
    clearTimeout(this.#timer);
    if (this.#draining) return;
    this.#tellOpening();
    const now = performance.now();
    const next = Math.min(...this.#slots.map((slot) => this.#opensAt(slot)).filter((at) => at > now));
    if (next < Infinity) this.#timer = setTimeout(() => this.#update(), Math.max(1, next - now)).unref();
  }

  /** Waits for a slot as long as one may get free soon. */
  async #waitForSlot<T>(ticket: Ticket<Slot>, ready: ReadyTask<T>): Promise<T> {
    const result = this.#waitingRoom.wait(ticket, ready.signal, (slot) => this.#proveIn(slot, ready));
    this.#update();
    if (!this.#waitingRoom.has(ticket)) return result;

    const handBack = (): void => {
      if (!this.#waitingRoom.has(ticket)) return;
      this.#noteVainClaim();
      ticket.handBack(`every slot of this machine is busy for longer than was foreseen, and ${this.#patienceMs} ms`);
      this.#update();
    };
    const expectedMs = this.#expectedWaitMs();
    if (expectedMs > this.#lead.leadMs() + this.#patienceMs) handBack();
    const patience = setTimeout(handBack, expectedMs + this.#patienceMs).unref();
    return result.finally(() => clearTimeout(patience));
  }

  /** Makes a proof in a slot, and frees the slot. */
  async #proveIn<T>(slot: Slot, { task, times, signal, work }: ReadyTask<T>): Promise<T> {
    const begun = performance.now();
    const busy: BusySlot = { proof: this.#forecast.begin(task.kind, begun), claimedInVain: false };
    slot.busy = busy;
    let outcome: SlotRecord['outcome'] = 'failed';
    try {
      const result = await work({
        slot: slot.number,
        signal: AbortSignal.any([signal, this.#givingUp.signal]),
        progress: (stage, fraction) => {
          busy.proof.progress(stage, fraction, performance.now());
          this.#update();
        },
      });
      outcome = 'made';
      return result;
    } catch (error) {
      throw this.#givingUp.signal.aborted ? this.#givingUp.signal.reason : error;
    } finally {
      const ended = performance.now();
      if (outcome === 'made') {
        busy.proof.done(ended);
        this.#rest.succeeded();
      }
      slot.busy = null;
      // First the next proof, then the news of this one.
      this.#update();
      const at = { ...times, beganAtMs: wallClock(begun), endedAtMs: wallClock(ended) };
      this.#options.onProof?.({ ...task, slot: slot.number, ...at, outcome });
    }
  }

  /** Remembers of a busy slot that claiming ahead for it was too early. */
  #noteVainClaim(): void {
    const [first] = this.#slots
      .flatMap(({ busy }) => (busy && !busy.claimedInVain ? [busy] : []))
      .sort((a, b) => (a.proof.expectedEnd() ?? Infinity) - (b.proof.expectedEnd() ?? Infinity));
    if (first) first.claimedInVain = true;
  }

  /** How long a task that is ready now will wait for a slot, as far as can be told. */
  #expectedWaitMs(): number {
    const now = performance.now();
    return Math.min(...this.#slots.map(({ busy }) => Math.max(0, (busy?.proof.expectedEnd() ?? now) - now)));
  }

  #refuse(task: ClaimedTask): HandedBackError {
    this.#options.onHandBack?.(task, DRAINING);
    return new HandedBackError(DRAINING);
  }
}

/** A task whose inputs are here. */
interface ReadyTask<T> {
  task: ClaimedTask;
  times: Pick<SlotRecord, 'claimedAtMs' | 'readyAtMs'>;
  signal: AbortSignal;
  work: (context: SlotContext) => Promise<T>;
}

/** @param atMs of `performance.now()` */
function wallClock(atMs: number): number {
  return performance.timeOrigin + atMs;
}
