import type pg from 'pg';
import { removeProver } from '../../activities/storage/prover-roles.js';
import { readmitProver, selectProvers, type ProverRow } from '../../activities/storage/provers.js';

/**
 * Takes work from a machine again that was set aside.
 *
 * @returns what was done, for a person
 * @throws Error naming the machines there are if it is none of them
 */
export async function takeProverBack(pool: pg.Pool, name: string): Promise<string> {
  const prover = await findProver(pool, name);
  if (prover.setAsideFor === null) return `${name} is not set aside: its proofs are taken`;
  await readmitProver(pool, name);
  return `${name} may prove again; it was set aside for: ${prover.setAsideFor}`;
}

/**
 * Takes a machine's login away for good.
 *
 * @returns what was done, for a person
 * @throws Error naming the machines there are if it is none of them
 */
export async function dismissProver(pool: pg.Pool, name: string): Promise<string> {
  await removeProver(pool, await findProver(pool, name));
  return (
    `${name} has no login for the database any more; the proofs it handed in stay. Its certificate for Temporal holds ` +
    'until it runs out: stop the machine'
  );
}

async function findProver(pool: pg.Pool, name: string): Promise<ProverRow> {
  const provers = await selectProvers(pool);
  const prover = provers.find((row) => row.name === name);
  if (prover) return prover;
  const known = provers.length > 0 ? provers.map((row) => row.name).join(', ') : 'none';
  throw new Error(`There is no prover "${name}", known: ${known}. "npm run miner -- add-prover NAME" adds one`);
}
