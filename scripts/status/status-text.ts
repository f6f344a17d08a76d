import { progressLine } from '../demo/progress-text.js';
import { endpointLines } from './endpoints-text.js';
import type { RollupStatus, SequenceStatus, Status } from './read-status.js';

/** The status as a person reads it. */
export function statusText({ chainId, head, endpoints, rollups, sequences, provers }: Status): string {
  return [
    `Chain ${chainId}, block ${head}`,
    ...endpointLines(endpoints),
    '',
    ...(rollups.length > 0 ? rollups.map(rollupLine) : ['No rollup is followed: npm run start-rollup -- ADDRESS']),
    '',
    ...(sequences.length > 0 ? sequences.map(sequenceLine) : ['No sequences yet']),
    ...(provers.length > 0 ? [''] : []),
    ...provers.map(
      ({ name, lastSeen, setAsideFor }) =>
        `Prover ${name}: ${setAsideFor ? `SET ASIDE, ${setAsideFor}` : `last seen ${lastSeen ?? 'never'}`}`,
    ),
  ].join('\n');
}

function rollupLine({ rollup, rollupType, lastBatchPosted, lastBatchVerified, ...row }: RollupStatus): string {
  const state = row.paused ? 'paused' : row.following ? `followed from batch ${row.startBatch}` : 'not followed';
  if (lastBatchPosted === null) return `Rollup ${rollup}: there is no contract at this address on this chain`;
  return `Rollup ${rollup} (${rollupType}): ${state}, ${lastBatchVerified} of ${lastBatchPosted} batches verified`;
}

function sequenceLine({ workflowId, status, progress }: SequenceStatus): string {
  if (!progress) return `${workflowId}: ${status}, no aggregator answers`;
  const ended = status === 'RUNNING' || status === 'COMPLETED' ? '' : ` (workflow ${status})`;
  const line = `${progressLine({ posted: progress.sequence, progress })}${ended}`;
  return progress.goOn && status === 'RUNNING' ? `${line}\n    to go on: ${progress.goOn}` : line;
}
