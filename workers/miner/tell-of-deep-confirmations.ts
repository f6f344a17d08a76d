import type pg from 'pg';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { ConfirmationsTooDeepError, requireFittingConfirmations } from '../../activities/chain/confirmation-depth.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import type { Logger } from '../../platform/log.js';

/**
 * Says of the followed rollups whose T2 is too short for the confirmation depth what each commit to them would be refused
 * for, so that it is known before anything is proved. Stops nothing: what is committed already has to be revealed, and
 * the other rollups go on. Never rejects.
 */
export async function tellOfDeepConfirmations(
  { pool, rpc }: { pool: pg.Pool; rpc: ChainRpc },
  { chainId, confirmations }: { chainId: number; confirmations: number },
  log: Logger,
): Promise<void> {
  try {
    for (const { rollup, following } of await selectRollups(pool, chainId)) {
      if (following) await requireFittingConfirmations(rpc, rollup, confirmations).catch(tell);
    }
  } catch (error) {
    tell(error);
  }

  function tell(error: unknown): void {
    if (error instanceof ConfirmationsTooDeepError) log.error(error.message);
    else log.warn({ error }, 'T2 of the followed rollups could not be compared with ZKPOW_CONFIRMATIONS');
  }
}
