import type { RollupType } from '../../domain/rollup-type.js';
import type { SpillOver } from '../../domain/stage-manifest.js';
import { accumulateTransfers } from './accumulate.js';
import { openTransfersReplay } from './replay.js';
import { sampleBatch } from './sample-batch.js';

const MINUTE_MS = 60_000;

/** Machines with GPUs are the larger ones: what is too much for the others goes there, and nothing else. */
const LARGER_MACHINES: SpillOver = { hardwareClass: 'gpu', afterMs: null, afterFailures: ['OutOfMemoryError'] };
const MACHINES = { hardwareClass: 'cpu', spillOver: LARGER_MACHINES, attempts: 5 } as const;

/**
 * The default rollup type: payments between accounts, each signed by its sender, in batches of up to eight. A batch is
 * about 3 s of one machine with two cores; the time limits leave room for slow and busy ones.
 */
export const transfersType: RollupType = {
  name: 'transfers',
  manifest: {
    batch: { ...MACHINES, timeoutMs: 15 * MINUTE_MS },
    aggregate: { ...MACHINES, timeoutMs: 20 * MINUTE_MS },
    final: { ...MACHINES, timeoutMs: 20 * MINUTE_MS },
  },
  accumulate: accumulateTransfers,
  openReplay: openTransfersReplay,
  sampleBatch,
};
