import type pg from 'pg';
import { readmitProver, selectProvers } from '../../activities/storage/provers.js';

/**
 * Takes work from a machine again that was set aside.
 *
 * @returns what was done, for a person
 * @throws Error naming the machines there are if it is none of them
 */
export async function takeProverBack(pool: pg.Pool, name: string): Promise<string> {
  const provers = await selectProvers(pool);
  const prover = provers.find((row) => row.name === name);
  if (!prover) {
    const known = provers.length > 0 ? provers.map((row) => row.name).join(', ') : 'none';
    throw new Error(`There is no prover "${name}", known: ${known}. "npm run miner -- add-prover NAME" adds one`);
  }
  if (prover.setAsideFor === null) return `${name} is not set aside: its proofs are taken`;
  await readmitProver(pool, name);
  return `${name} may prove again; it was set aside for: ${prover.setAsideFor}`;
}
