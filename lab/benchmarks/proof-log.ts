import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** One proof as the machine that made it logged it. Milliseconds since 1970, with fractions. */
export interface ProofSpan {
  machine: string;
  /** Number of the machine's slot, from 1. */
  slot: number;
  taskId: string;
  kind: 'batch' | 'aggregate' | 'final';
  firstBatch: number;
  lastBatch: number;
  /** When the server put it into its queue, when it came to the machine, when its inputs were there; of our provers. */
  scheduledAtMs?: number | undefined;
  claimedAtMs?: number | undefined;
  readyAtMs?: number | undefined;
  beganAtMs: number;
  endedAtMs: number;
}

/** What a prover writes when it has made a proof. */
export const PROOF_MADE = 'proof made';

const proofLine = z.object({
  msg: z.literal(PROOF_MADE),
  slot: z.number(),
  taskId: z.string(),
  kind: z.enum(['batch', 'aggregate', 'final']),
  firstBatch: z.number(),
  lastBatch: z.number(),
  scheduledAtMs: z.number().optional(),
  claimedAtMs: z.number().optional(),
  readyAtMs: z.number().optional(),
  beganAtMs: z.number(),
  endedAtMs: z.number(),
});

/** All proofs in the log of one machine, from `sinceMs` on. */
export function readProofLog(machine: string, logFile: string, sinceMs: number): ProofSpan[] {
  return readFileSync(logFile, 'utf8')
    .split('\n')
    .filter((line) => line.includes(PROOF_MADE))
    .flatMap((line) => {
      const { msg: _message, ...span } = proofLine.parse(JSON.parse(line));
      return span.beganAtMs >= sinceMs ? [{ machine, ...span }] : [];
    });
}
