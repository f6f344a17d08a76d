import { z } from 'zod';
import { ArtifactLostError, describeLoss, sha256Hex } from './artifact-store.js';
import { selectCircuits, type Circuit } from './circuits.js';
import { bytes, selectRow, type Database } from './database.js';

/** A proof that a machine handed in. */
export interface FoundProof {
  proofDigest: string;
  prover: string;
  seconds: number;
}

/** All that a mining machine reaches of the miner's database: four functions, by the machine's own role. */
export interface ProverStore {
  /** @throws ArtifactLostError if it is missing, or its bytes are not what the name says */
  readArtifact(digest: string): Promise<Uint8Array>;
  /** A proof of this task that some machine handed in before and that was not refused. */
  findProof(taskId: string): Promise<FoundProof | null>;
  /** @returns sha256 of the proof */
  addProof(taskId: string, proof: Uint8Array, seconds: number): Promise<string>;
  /** The circuits that the aggregator said it works with; none before its first start. */
  circuits(): Promise<Circuit[]>;
}

/** @param db connected with the role that `grantProver` made */
export function createProverStore(db: Database): ProverStore {
  return {
    async readArtifact(digest) {
      const row = z.object({ content: bytes.nullable() });
      const found = await selectRow(db, row, 'SELECT prover.read_artifact($1) AS content', [digest]);
      const content = found?.content ?? null;
      if (!content || sha256Hex(content) !== digest) throw new ArtifactLostError(digest, describeLoss(digest, content));
      return content;
    },

    async findProof(taskId) {
      const row = z
        .object({ proof_digest: z.string(), prover: z.string(), seconds: z.number() })
        .transform(({ proof_digest: proofDigest, prover, seconds }): FoundProof => ({ proofDigest, prover, seconds }));
      return selectRow(db, row, 'SELECT * FROM prover.find_proof($1)', [taskId]);
    },

    async addProof(taskId, proof, seconds) {
      const stored = await selectRow(
        db,
        z.object({ digest: z.string() }),
        'SELECT prover.add_proof($1, $2, $3) AS digest',
        [taskId, Buffer.from(proof), seconds],
      );
      const digest = sha256Hex(proof);
      if (stored?.digest !== digest) {
        throw new Error(`The database stored a proof of task ${taskId} as ${stored?.digest}, it should be ${digest}`);
      }
      return digest;
    },

    circuits: () => selectCircuits(db),
  };
}
