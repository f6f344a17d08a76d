import { z } from 'zod';
import type { Statement } from '../../domain/proof.js';
import type { Hex, RollupRef, SequenceIdentity } from '../../domain/sequence.js';
import { hex, selectRow, selectRows, type Database } from './database.js';
import { statementColumn } from './proof-tasks.js';

/** A final proof by reference: what it proves, for whom, and what is committed to. */
export interface FinalProof {
  /** sha256 of the proof's bytes, its name in the artifact store. */
  proofDigest: string;
  taskId: string;
  sequence: SequenceIdentity;
  miner: string;
  statement: Statement;
  /** keccak256(keccak256(proof) ++ miner). */
  proofHash: Hex;
  /** Machine time that it took. */
  seconds: number;
  /** Whether its hash was signed, ever: from then on it is kept as it is. */
  committed: boolean;
  /** Why it serves no new round; null while it does. */
  unfitReason: string | null;
}

const finalProofRow = z
  .object({
    proof_digest: z.string(),
    task_id: z.string(),
    acc_input_hash: hex,
    miner: z.string(),
    statement: statementColumn,
    proof_hash: hex,
    seconds: z.number(),
    committed_at: z.date().nullable(),
    unfit_reason: z.string().nullable(),
  })
  .transform((row): FinalProof => {
    const { chainId, rollup, firstBatch, lastBatch } = row.statement;
    return {
      proofDigest: row.proof_digest,
      taskId: row.task_id,
      sequence: { chainId, rollup, firstBatch, lastBatch, accInputHash: row.acc_input_hash },
      miner: row.miner,
      statement: row.statement,
      proofHash: row.proof_hash,
      seconds: row.seconds,
      committed: row.committed_at !== null,
      unfitReason: row.unfit_reason,
    };
  });

/** Adds a final proof; one that is there already stays as it is. */
export async function insertFinalProof(db: Database, final: FinalProof): Promise<void> {
  const { sequence } = final;
  await db.query(
    `INSERT INTO final_proofs (proof_digest, task_id, chain_id, rollup, first_batch, last_batch, acc_input_hash, miner,
       statement, proof_hash, seconds, committed_at, unfit_reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, CASE WHEN $12::boolean THEN now() END, $13)
     ON CONFLICT (proof_digest) DO NOTHING`,
    [
      final.proofDigest,
      final.taskId,
      sequence.chainId,
      sequence.rollup,
      sequence.firstBatch,
      sequence.lastBatch,
      sequence.accInputHash,
      final.miner,
      JSON.stringify(final.statement),
      final.proofHash,
      final.seconds,
      final.committed,
      final.unfitReason,
    ],
  );
}

/** Which of these digests are in the table. */
export async function selectKnownFinalProofs(db: Database, digests: readonly string[]): Promise<Set<string>> {
  const rows = await selectRows(
    db,
    z.object({ proof_digest: z.string() }),
    'SELECT proof_digest FROM final_proofs WHERE proof_digest = ANY ($1)',
    [digests],
  );
  return new Set(rows.map(({ proof_digest: digest }) => digest));
}

/** All final proofs of a sequence for a miner, the newest first. */
export async function selectFinalProofs(
  db: Database,
  sequence: SequenceIdentity,
  miner: string,
): Promise<FinalProof[]> {
  return selectRows(
    db,
    finalProofRow,
    `SELECT * FROM final_proofs
     WHERE chain_id = $1 AND rollup = $2 AND first_batch = $3 AND last_batch = $4 AND acc_input_hash = $5 AND miner = $6
     ORDER BY position DESC`,
    [sequence.chainId, sequence.rollup, sequence.firstBatch, sequence.lastBatch, sequence.accInputHash, miner],
  );
}

/** A final proof by the digest of its bytes. */
export async function selectFinalProof(db: Database, proofDigest: string): Promise<FinalProof | null> {
  return selectRow(db, finalProofRow, 'SELECT * FROM final_proofs WHERE proof_digest = $1', [proofDigest]);
}

/** The sequences of a rollup for which a final proof of the miner lies ready, lowest first. */
export async function selectSequencesWithFinalProof(
  db: Database,
  { chainId, rollup, miner, afterBatch }: { chainId: number; rollup: string; miner: string; afterBatch: number },
): Promise<FinalProof[]> {
  return selectRows(
    db,
    finalProofRow,
    `SELECT DISTINCT ON (first_batch, last_batch, acc_input_hash) * FROM final_proofs
     WHERE chain_id = $1 AND rollup = $2 AND miner = $3 AND last_batch > $4
     ORDER BY first_batch, last_batch, acc_input_hash, position DESC`,
    [chainId, rollup, miner, afterBatch],
  );
}

/** From now on the proof can neither be replaced nor deleted. */
export async function markFinalProofCommitted(db: Database, proofDigest: string): Promise<void> {
  await db.query('UPDATE final_proofs SET committed_at = now() WHERE proof_digest = $1 AND committed_at IS NULL', [
    proofDigest,
  ]);
}

/** Keeps the proof, for the round it was committed in, from serving a new one. The first reason stays. */
export async function markFinalProofUnfit(db: Database, proofDigest: string, reason: string): Promise<void> {
  await db.query('UPDATE final_proofs SET unfit_reason = $2 WHERE proof_digest = $1 AND unfit_reason IS NULL', [
    proofDigest,
    reason,
  ]);
}

/** Final proofs of verified sequences that are not settled yet: in no order, so that those that stay block no others. */
export async function selectUnsettledFinalProofs(
  db: Database,
  { chainId, rollup }: RollupRef,
  { lastVerified, limit }: { lastVerified: number; limit: number },
): Promise<FinalProof[]> {
  return selectRows(
    db,
    finalProofRow,
    `SELECT * FROM final_proofs WHERE chain_id = $1 AND rollup = $2 AND last_batch <= $3 AND settled_at IS NULL
     ORDER BY random() LIMIT $4`,
    [chainId, rollup, lastVerified, limit],
  );
}

/** From now on it may go, after a time. */
export async function markFinalProofSettled(db: Database, proofDigest: string): Promise<void> {
  await db.query('UPDATE final_proofs SET settled_at = now() WHERE proof_digest = $1 AND settled_at IS NULL', [
    proofDigest,
  ]);
}

/** After a reorg: what is not verified any more is to be kept. */
export async function unmarkSettledFinalProofs(
  db: Database,
  { chainId, rollup }: RollupRef,
  lastVerified: number,
): Promise<void> {
  await db.query(
    `UPDATE final_proofs SET settled_at = NULL
     WHERE chain_id = $1 AND rollup = $2 AND last_batch > $3 AND settled_at IS NOT NULL`,
    [chainId, rollup, lastVerified],
  );
}

/** Digests of final proofs that have been settled for long enough. */
export async function selectExpiredFinalProofs(
  db: Database,
  { settledForMs, limit }: { settledForMs: number; limit: number },
): Promise<string[]> {
  const rows = await selectRows(
    db,
    z.object({ proof_digest: z.string() }),
    `SELECT proof_digest FROM final_proofs WHERE settled_at <= now() - $1 * interval '1 millisecond'
     ORDER BY settled_at LIMIT $2`,
    [settledForMs, limit],
  );
  return rows.map(({ proof_digest }) => proof_digest);
}

/** @returns false if it is not settled (any more), or gone: nothing was changed */
export async function deleteSettledFinalProof(db: Database, proofDigest: string): Promise<boolean> {
  const { rowCount } = await db.query('DELETE FROM final_proofs WHERE proof_digest = $1 AND settled_at IS NOT NULL', [
    proofDigest,
  ]);
  return rowCount === 1;
}
