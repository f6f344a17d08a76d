import { lowerReadMark, selectRollup, type RollupRow } from '../../activities/storage/rollups.js';
import type { CommandParts } from '../../local-stack/mining/command-parts.js';

/**
 * Has all postings of a rollup read again, whoever reads: what is known stays until it is replaced.
 *
 * @throws Error if the rollup is not known here
 */
export async function rereadRollup(
  { chainId, pool }: Pick<CommandParts, 'chainId' | 'pool'>,
  rollup: string,
): Promise<RollupRow> {
  const row = await selectRollup(pool, { chainId, rollup });
  if (!row) {
    throw new Error(
      `${rollup} is not read on chain ${chainId}: "npm run start-rollup -- ${rollup}" begins to follow it`,
    );
  }
  await lowerReadMark(pool, row, row.fromBlock - 1);
  return row;
}
