import type { HardwareClass } from './names.js';

/** How a stage of a rollup type is to be proved. */
export interface StageManifest {
  /** Machines that the stage is meant for. */
  hardwareClass: HardwareClass;
  /** Other machines that can do it, if there are any. */
  spillOver?: SpillOver;
  /** A machine that has not finished by then is taken for lost. */
  timeoutMs: number;
  /** Tries on machines of one class before the task is shown as failed. What nobody can prove is tried once. */
  attempts: number;
}

/** When a task leaves the machines that it is meant for. */
export interface SpillOver {
  hardwareClass: HardwareClass;
  /** It waited so long, and none of the machines that it is meant for began it; null: it goes on waiting for one. */
  afterMs: number | null;
  /** Names of failures that say that it is too much for such a machine, as `OutOfMemoryError`. */
  afterFailures: readonly string[];
}

/** A rollup type that nobody could be given tasks of: its developer has to complete its manifest. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}
