import type { ProofKind } from '../../domain/proof.js';

/** What is known of a task when it comes to a machine. */
export interface ClaimedTask {
  taskId: string;
  kind: ProofKind;
  firstBatch: number;
  lastBatch: number;
  /** When the server put it into its queue, by the server's clock. */
  scheduledAtMs: number;
}

/** What a proof is given while it has a slot. */
export interface SlotContext {
  /** Fires when the proof is cancelled, or is to be handed back. */
  signal: AbortSignal;
  /** Number of the slot on this machine, from 1. */
  slot: number;
  /** As a backend tells it: from it the end is foreseen. */
  progress(stage: string, fraction?: number): void;
}

/** A task that a machine has claimed, on its way to a slot. */
export interface SlotClaim {
  /**
   * To be called once the task's inputs are here: waits for a slot, then makes the proof in it.
   *
   * @throws HandedBackError if no slot gets free soon, or the machine takes no more work
   */
  prove<T>(signal: AbortSignal, work: (context: SlotContext) => Promise<T>): Promise<T>;
  /**
   * To be called when the machine is done with the task, however it ended.
   *
   * @param isSick whether it failed for a reason that lies in the machine: one that fails at once would soon have used up
   * the tries of every task, so it takes none for a while
   */
  leave(isSick: boolean): void;
}

/** Where a machine makes its proofs: one at a time in each slot. */
export interface ProofSlots {
  claim(task: ClaimedTask): SlotClaim;
}
