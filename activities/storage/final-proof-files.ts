import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { sha256Hex } from './artifact-store.js';
import { hex } from './database.js';
import type { FinalProof } from './final-proofs.js';
import { statementColumn } from './proof-tasks.js';

/** A final proof with its bytes, as a file holds it. */
export type FinalProofFile = Omit<FinalProof, 'committed' | 'unfitReason'> & { proof: Uint8Array };

const fileContent = z.object({
  proofDigest: z.string(),
  taskId: z.string(),
  sequence: z.object({
    chainId: z.number().int(),
    rollup: z.string(),
    firstBatch: z.number().int(),
    lastBatch: z.number().int(),
    accInputHash: hex,
  }),
  miner: z.string(),
  statement: statementColumn,
  proofHash: hex,
  seconds: z.number(),
  proof: z.string().transform((text) => new Uint8Array(Buffer.from(text, 'base64'))),
});

/** Writes a final proof so that it outlives a crash of the machine: flushed, then renamed into place. */
export async function writeFinalProofFile(directory: string, final: FinalProofFile): Promise<void> {
  await mkdir(directory, { recursive: true });
  const { proofDigest, taskId, sequence, miner, statement, proofHash, seconds, proof } = final;
  const named = { proofDigest, taskId, sequence, miner, statement, proofHash, seconds };
  const content = JSON.stringify({ ...named, proof: Buffer.from(proof).toString('base64') });

  const unfinished = join(directory, `.${randomUUID()}.unfinished`);
  try {
    await flushed(unfinished, 'wx', content);
    await rename(unfinished, pathOf(directory, proofDigest));
  } finally {
    await rm(unfinished, { force: true });
  }
  // The rename itself is durable once the directory is.
  await flushed(directory, 'r');
}

/** The final proof in the file, or null where there is none or its bytes went bad. */
export async function readFinalProofFile(directory: string, proofDigest: string): Promise<FinalProofFile | null> {
  const text = await readFile(pathOf(directory, proofDigest), 'utf8').catch(nullIfMissing);
  return text === null ? null : parseFile(text, proofDigest);
}

/** Deletes the file of a final proof, if there is one. */
export async function deleteFinalProofFile(directory: string, proofDigest: string): Promise<void> {
  await rm(pathOf(directory, proofDigest), { force: true });
}

/** Names of the final proofs that lie in the directory. */
export async function listFinalProofFiles(directory: string): Promise<string[]> {
  const names = (await readdir(directory).catch(nullIfMissing)) ?? [];
  return names.flatMap((name) => /^([0-9a-f]{64})\.json$/.exec(name)?.[1] ?? []);
}

function parseFile(text: string, proofDigest: string): FinalProofFile | null {
  try {
    const file = fileContent.parse(JSON.parse(text));
    return sha256Hex(file.proof) === proofDigest && file.proofDigest === proofDigest ? file : null;
  } catch {
    return null; // Cut off or scribbled over: as good as missing.
  }
}

async function flushed(path: string, flags: string, content?: string): Promise<void> {
  const file = await open(path, flags, 0o600);
  try {
    if (content !== undefined) await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

function pathOf(directory: string, proofDigest: string): string {
  return join(directory, `${proofDigest}.json`);
}

function nullIfMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}
