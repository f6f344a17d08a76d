import type { ClaimedTask } from '../proof-slots.js';
import { HandedBackError } from '../../../domain/prover-errors.js';

/** A claimed task on its way to a slot. */
interface WaitingTask<Slot> {
  task: ClaimedTask;
  /** Begins its proof in a slot; null until its inputs are here. */
  begin: ((slot: Slot) => void) | null;
  handBack: (reason: string) => void;
}

export type Ticket<Slot> = WaitingTask<Slot>;

/** Claimed tasks that have no slot yet, in the order in which they came. */
export interface WaitingRoom<Slot> {
  /** How many there are, those whose inputs are still being fetched among them. */
  size(): number;
  enter(task: ClaimedTask): Ticket<Slot>;
  leave(ticket: Ticket<Slot>): void;
  /** Whether the task is still here. */
  has(ticket: Ticket<Slot>): boolean;
  /** Takes the first task out whose inputs are here, to be begun in the given slot; false if there is none. */
  serve(slot: Slot): boolean;
  /** Waits for `serve`, then for the proof. Rejects when `signal` fires or the task is handed back. */
  wait<T>(ticket: Ticket<Slot>, signal: AbortSignal, start: (slot: Slot) => Promise<T>): Promise<T>;
  /** Rejects the waits of all with a HandedBackError. */
  handBackAll(reason: string): void;
}

/** @param onHandBack called for each task that is handed back */
export function createWaitingRoom<Slot>(onHandBack: (task: ClaimedTask, reason: string) => void): WaitingRoom<Slot> {
  const tickets = new Set<Ticket<Slot>>();
  return {
    size: () => tickets.size,
    enter(task) {
      const ticket: Ticket<Slot> = { task, begin: null, handBack: () => {} };
      tickets.add(ticket);
      return ticket;
    },
    leave: (ticket) => void tickets.delete(ticket),
    has: (ticket) => tickets.has(ticket),
    serve(slot) {
      const next = [...tickets].find(({ begin }) => begin);
      next?.begin?.(slot);
      return next !== undefined;
    },
    wait: (ticket, signal, start) =>
      new Promise((resolve, reject) => {
        const leave = (): void => {
          signal.removeEventListener('abort', abort);
          tickets.delete(ticket);
        };
        const abort = (): void => {
          leave();
          reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        };
        ticket.handBack = (reason) => {
          leave();
          onHandBack(ticket.task, reason);
          reject(new HandedBackError(reason));
        };
        ticket.begin = (slot) => {
          leave();
          start(slot).then(resolve, reject);
        };
        signal.addEventListener('abort', abort, { once: true });
        if (signal.aborted) abort();
      }),
    handBackAll(reason) {
      for (const { handBack } of tickets) handBack(reason);
    },
  };
}
