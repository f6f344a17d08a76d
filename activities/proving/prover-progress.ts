import type { Context } from '@temporalio/activity';
import { z } from 'zod';
import { MAX_CHECKPOINT_BYTES } from '../../domain/prover-backend.js';

/** What a prover's heartbeat says: a person sees it in the Temporal UI, the next machine finds the checkpoint. */
const proverBeat = z.looseObject({
  stage: z.string(),
  /** How much of the stage is done, 0 to 100. */
  percent: z.number().optional(),
  checkpoint: z.unknown().optional(),
});
type ProverBeat = z.infer<typeof proverBeat>;

/** How far a proof is, as its heartbeats tell. */
export interface ProverProgress {
  beat(): ProverBeat;
  /** @param fraction of the stage, 0 to 1 */
  tell(stage: string, fraction?: number): void;
  /** Kept from now on, and sent with a heartbeat at once. One that is too large is not kept. */
  saveCheckpoint(checkpoint: unknown): void;
  /** The last one that was kept, on this machine or before. */
  checkpoint(): unknown;
}

/**
 * @param context of the activity; where an attempt before this one died, its last heartbeat has the checkpoint
 * @param left checkpoint of a machine that handed the task back
 */
export function createProverProgress(context: Context, left: unknown): ProverProgress {
  let { checkpoint } = proverBeat.safeParse(context.info.heartbeatDetails).data ?? {};
  checkpoint ??= left ?? undefined;
  let now: { stage: string; percent?: number } = { stage: 'fetching inputs' };
  const beat = (): ProverBeat => (checkpoint === undefined ? now : { ...now, checkpoint });

  return {
    beat,
    tell(stage, fraction) {
      now = fraction === undefined ? { stage } : { stage, percent: Math.round(fraction * 100) };
    },
    saveCheckpoint(given) {
      const bytes = Buffer.byteLength(JSON.stringify(given) ?? '');
      if (bytes === 0 || bytes > MAX_CHECKPOINT_BYTES) {
        context.log.warn(`A checkpoint of ${bytes} bytes is not kept: it may have ${MAX_CHECKPOINT_BYTES}`);
        return;
      }
      checkpoint = given;
      context.heartbeat(beat());
    },
    checkpoint: () => checkpoint,
  };
}
