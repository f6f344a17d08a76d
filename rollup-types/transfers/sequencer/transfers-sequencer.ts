import type { SequencesFile, TypeSequencer } from '../../../domain/type-sequencer.js';
import { BATCH_BYTES } from '../record.js';
import { openTransfersReplay } from '../replay.js';
import { demoGenesis, demoSequences } from './demo-transfers.js';
import { prepareSequences } from './prepare-sequences.js';
import { parseTransfersFile, type TransfersFile } from './transfers-file.js';

export const transfersSequencer: TypeSequencer = {
  openFile: (content, fileName) => sequencesFile(parseTransfersFile(content, fileName), fileName),
  batchBytes: BATCH_BYTES,
  demoFile: (batchesPerSequence) => sequencesFile(demoSequences(batchesPerSequence), 'the demo'),
  demoGenesis,
};

function sequencesFile(file: TransfersFile, fileName: string): SequencesFile {
  return {
    count: file.sequences.length,
    async prepare({ rollup, genesis, batches, timestamp }, { from, allowInvalid }) {
      const replay = openTransfersReplay(rollup, genesis);
      for (const batch of batches) await replay.apply(batch);
      return prepareSequences(
        { ...file, sequences: file.sequences.slice(from) },
        { rollup, accounts: replay.accounts() },
        { fileName, timestamp, allowInvalid },
      );
    },
  };
}
