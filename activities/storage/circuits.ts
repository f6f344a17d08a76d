import { z } from 'zod';
import type { ProofKind } from '../../domain/proof.js';
import { selectRows, type Database } from './database.js';

/** A circuit that proofs of one stage are made with. */
export interface Circuit {
  proofSystem: string;
  kind: ProofKind;
  circuitId: string;
}

const circuitRow = z
  .object({ proof_system: z.string(), kind: z.enum(['batch', 'aggregate', 'final']), circuit_id: z.string() })
  .transform((row): Circuit => ({ proofSystem: row.proof_system, kind: row.kind, circuitId: row.circuit_id }));

/** Says which circuits the aggregator works with, in place of those it said before. */
export async function upsertCircuits(db: Database, circuits: readonly Circuit[]): Promise<void> {
  for (const { proofSystem, kind, circuitId } of circuits) {
    await db.query(
      `INSERT INTO circuits (proof_system, kind, circuit_id) VALUES ($1, $2, $3)
       ON CONFLICT (proof_system, kind) DO UPDATE SET circuit_id = EXCLUDED.circuit_id`,
      [proofSystem, kind, circuitId],
    );
  }
}

/** As a mining machine's own login sees them. */
export async function selectCircuits(db: Database): Promise<Circuit[]> {
  return selectRows(db, circuitRow, 'SELECT * FROM prover.circuits()');
}
