import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { selectRows } from '../../activities/storage/database.js';
import type { Miner } from './miner.js';

const LOST = `WITH gone AS
    (DELETE FROM artifacts WHERE digest IN (SELECT proof_digest FROM final_proofs) RETURNING digest)
  SELECT proof_hash FROM final_proofs WHERE proof_digest IN (SELECT digest FROM gone)`;

/**
 * Takes away all final proofs that a miner has stored, from its database and from its files; none of its programs may
 * run.
 *
 * @returns the proofHashes of those that were there
 */
export async function loseFinalProofs({ pool, home }: Miner): Promise<string[]> {
  const gone = await selectRows(pool, z.object({ proof_hash: z.string() }), LOST);
  const files = join(home, 'final-proofs');
  // There is no folder before the first proof.
  for (const file of await readdir(files).catch(() => [])) await rm(join(files, file));
  return gone.map(({ proof_hash: proofHash }) => proofHash);
}
