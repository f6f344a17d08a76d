import { z } from 'zod';
import type { ProofKind } from '../domain/proof.js';
import { ManifestError } from '../domain/stage-manifest.js';

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
