import { z } from 'zod';
import type { ProofTask } from '../../domain/proof.js';
import { sha256Hex } from '../storage/artifact-store.js';
import { statementColumn } from '../storage/proof-tasks.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected a sha256 in hexadecimal');

/** A proof to be folded or bound, by reference. */
const childProof = z.object({ kind: z.enum(['batch', 'aggregate']), statement: statementColumn, proof: digest });

const common = { rollupType: z.string(), circuitId: z.string(), statement: statementColumn };

/** All that a prover has to know of a task; the large parts by digest. Lies in the artifact store. */
const taskDescription = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('batch'), ...common, input: digest }),
  z.object({ kind: z.literal('aggregate'), ...common, left: childProof, right: childProof }),
  z.object({
    kind: z.literal('final'),
    ...common,
    miner: z.string(),
    child: childProof,
    /** Names the final proof that this one stands in for; null for the first. Makes it a task of its own. */
    replaces: z.string().nullable(),
  }),
]);

export type TaskDescription = z.infer<typeof taskDescription>;
export type ChildProofReference = z.infer<typeof childProof>;

/** The description as it is stored. Equal work has equal bytes, whatever the order in which it was put together. */
export function encodeTask(description: TaskDescription): Uint8Array {
  return new TextEncoder().encode(canonicalJson(taskDescription.parse(description)));
}

/** @throws Error if the bytes are no task description */
export function decodeTask(content: Uint8Array): TaskDescription {
  return taskDescription.parse(JSON.parse(new TextDecoder().decode(content)));
}

/**
 * The task of a description. Its id is the description's sha256: the digest of kind, circuit, statement and input
 * digests. Tasks of batches and folds name no miner, so all miners' ids are the same.
 */
export function taskOf(description: TaskDescription): ProofTask {
  const id = sha256Hex(encodeTask(description));
  const { kind, rollupType, statement } = description;
  const { firstBatch, lastBatch } = statement;
  return { taskId: id, kind, rollupType, firstBatch, lastBatch, inputDigest: id };
}

/** JSON with the keys of every object in order. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
