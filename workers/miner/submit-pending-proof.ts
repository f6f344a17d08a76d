import type { Client } from '@temporalio/client';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { listPendingSequences } from '../../activities/chain/pending-sequences.js';
import type { Database } from '../../activities/storage/database.js';
import { selectRollups } from '../../activities/storage/rollups.js';
import type { Logger } from '../log.js';
import { startSequence } from './start-sequence.js';

export interface SubmitPendingDeps {
  client: Client;
  db: Database;
  rpc: ChainRpc;
  log: Logger;
}

/**
 * Run once when an aggregator starts: completes what its last run left unfinished. Chain and database are asked, not
 * Temporal, whose database may be new: every sequence with an open commitment of ours, or with a final proof that was
 * not submitted, gets its workflow.
 */
export async function submitPendingProof(
  { client, db, rpc, log }: SubmitPendingDeps,
  { chainId, miner }: { chainId: number; miner: string },
): Promise<void> {
  for (const { rollup, following } of await selectRollups(db, chainId)) {
    try {
      for (const sequence of await listPendingSequences(db, rpc, { chainId, rollups: [rollup], miner })) {
        const started = await startSequence(client, sequence, miner, { again: true });
        const { firstBatch, lastBatch } = sequence;
        log.info({ rollup, firstBatch, lastBatch, started }, 'a proof of an earlier run is pending');
      }
    } catch (error) {
      // One rollup that cannot be read (its chain was made anew, say) must not keep the others from going on.
      log.error({ error, rollup, following }, 'the pending proofs of a rollup cannot be found');
    }
  }
}
