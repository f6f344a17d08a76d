import type { BatchContent } from '../../domain/rollup-type.js';
import type { Hex } from '../../domain/sequence.js';
import { accumulatePadded } from '../padded-records.js';
import { BATCH_BYTES } from './record.js';

/** As `TransfersRule` of the contracts chains batches: records filled up with zero bytes to the size of a whole batch. */
export function accumulateTransfers(previous: Hex, batch: BatchContent): Hex {
  return accumulatePadded(previous, batch, BATCH_BYTES);
}
