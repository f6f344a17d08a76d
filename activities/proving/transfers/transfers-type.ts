import type { RollupType } from '../rollup-type.js';
import { BATCH_BYTES } from './record.js';
import { openTransfersReplay } from './replay.js';

const MINUTE_MS = 60_000;

/**
 * The default rollup type: payments between accounts, each signed by its sender, in batches of up to eight. A batch is
 * about 3 s of one machine with two cores; the time limits leave room for slow and busy ones.
 */
export const transfersType: RollupType = {
  name: 'transfers',
  manifest: {
    batch: { hardwareClass: 'cpu', timeoutMs: 15 * MINUTE_MS, attempts: 5 },
    aggregate: { hardwareClass: 'cpu', timeoutMs: 20 * MINUTE_MS, attempts: 5 },
    final: { hardwareClass: 'cpu', timeoutMs: 20 * MINUTE_MS, attempts: 5 },
  },
  batchBytes: BATCH_BYTES,
  openReplay: openTransfersReplay,
};
