import type pg from 'pg';
import { selectRollup, setRollupPaused } from '../../activities/storage/rollups.js';
import type { RollupRef } from '../../domain/sequence.js';

/**
 * Pauses a rollup for this miner, or ends the pause; its sequences notice with the next block.
 *
 * @returns what was done, for a person
 * @throws Error if the rollup is not followed, or stands so already
 */
export async function pauseOwnSide(pool: pg.Pool, rollup: RollupRef, paused: boolean): Promise<string> {
  const row = await selectRollup(pool, rollup);
  if (!row) {
    throw new Error(`${rollup.rollup} is not followed: "npm run start-rollup -- ${rollup.rollup}" does`);
  }
  if (row.paused === paused) throw new Error(`${rollup.rollup} is ${paused ? 'paused already' : 'not paused'}`);
  await setRollupPaused(pool, rollup, paused);
  return paused
    ? `${rollup.rollup} is paused for this miner: no new proofHash; what is owed is revealed`
    : `${rollup.rollup} is resumed for this miner`;
}
