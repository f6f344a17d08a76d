import { requireFittingConfirmations } from '../../activities/chain/confirmation-depth.js';
import { readRollupEntry } from '../../activities/chain/rollup-directory.js';
import { insertRollup, setRollupFollowing } from '../../activities/storage/rollups.js';
import { startFollower } from '../../workers/miner/start-followers.js';
import { settings } from '../../platform/settings/settings-table.js';
import { readSettings } from '../../platform/settings/settings.js';
import { rollupWorkflowId } from '../../domain/names.js';
import type { CommandParts } from '../../local-stack/mining/command-parts.js';

const wanted = settings.pick({ miner: true, maxOpenSequences: true, confirmations: true });

/**
 * Has the aggregator follow a rollup from a batch on, from now on and after every start.
 *
 * @returns id of the workflow that follows it
 * @throws NoContractError if there is none at the address, ConfirmationsTooDeepError if its windows are too short for us,
 * Error if it is followed already
 */
export async function followRollup(
  { env, chainId, client, pool, rpc }: Pick<CommandParts, 'env' | 'chainId' | 'client' | 'pool' | 'rpc'>,
  rollup: string,
  startBatch: number,
): Promise<string> {
  const { miner, maxOpenSequences, confirmations } = readSettings(env, wanted);
  const { rollupType, launchBlock: fromBlock } = await readRollupEntry(rpc, { chainId, rollup });
  await requireFittingConfirmations(rpc, rollup, confirmations);
  const row = { chainId, rollup, rollupType, fromBlock, startBatch, following: true };
  await insertRollup(pool, row);
  await setRollupFollowing(pool, row, row);
  const input = { chainId, rollup, miner, startBatch, maxOpenSequences, after: null };
  const workflowId = rollupWorkflowId(input);
  if (await startFollower(client, input)) return workflowId;
  throw new Error(`${rollup} is followed already (workflow ${workflowId}): "npm run status" shows it`);
}
