import { z } from 'zod';
import type { HardwareClass } from '../../workflows/domain/names.js';
import type { ProofKind } from '../../workflows/domain/proof.js';

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

const hardwareClass = z.enum(['cpu', 'gpu']);
const stage = z
  .strictObject({
    hardwareClass,
    spillOver: z
      .strictObject({
        hardwareClass,
        afterMs: z.number().int().positive().nullable(),
        afterFailures: z.array(z.string().min(1)),
      })
      .optional(),
    timeoutMs: z.number().int().positive(),
    attempts: z.number().int().positive(),
  })
  .refine((given) => given.spillOver?.hardwareClass !== given.hardwareClass, {
    error: 'a task cannot spill over to the class that it is meant for',
    path: ['spillOver', 'hardwareClass'],
  });
const manifest = z.object({ batch: stage, aggregate: stage, final: stage } satisfies Record<ProofKind, z.ZodType>);

/**
 * Looks a manifest through, as it may come from code that no compiler has seen.
 *
 * @throws ManifestError naming the rollup type and all that is wrong
 */
export function checkManifest(rollupType: string, given: unknown): void {
  const parsed = manifest.safeParse(given);
  if (parsed.success) return;
  throw new ManifestError(
    `The manifest of rollup type "${rollupType}" is not complete: it has to say of batch, aggregate and final proofs on ` +
      `which machines they are made, in what time and with how many attempts (docs/rollup-types.md).\n` +
      z.prettifyError(parsed.error),
  );
}
