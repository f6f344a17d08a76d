import { batchesName, progressLine } from '../demo/progress-text.js';
import { endpointLines } from './endpoints-text.js';
import type { SequenceStatus } from './read-sequences.js';
import type { RollupStatus, Status } from './read-status.js';

/** The status as a person reads it. */
export function statusText(status: Status): string {
  const { chainId, head, endpoints, rollups, sequences, provers, troubles } = status;
  const names = rollups.length > 1;
  return [
    `Chain ${chainId}, ${head === null ? 'which does not answer' : `block ${head}`}`,
    ...endpointLines(endpoints),
    ...troubles.map((trouble) => `! ${trouble}`),
    '',
    ...(rollups.length > 0 ? rollups.map(rollupLine) : ['No rollup is followed: npm run start-rollup -- ADDRESS']),
    '',
    ...(sequences.length > 0 ? sequences.map((sequence) => sequenceLine(sequence, names)) : [emptyPage(status)]),
    ...pagesLine(status),
    ...(provers.length > 0 ? [''] : []),
    ...provers.map(
      ({ name, lastSeen, setAsideFor }) =>
        `Prover ${name}: ${setAsideFor ? `SET ASIDE, ${setAsideFor}` : `last seen ${lastSeen ?? 'never'}`}`,
    ),
  ].join('\n');
}

function rollupLine({ rollup, rollupType, lastBatchPosted, lastBatchVerified, ...row }: RollupStatus): string {
  if (row.exists === false) return `Rollup ${rollup}: there is no contract at this address on this chain`;
  const followed = row.following === null ? 'Temporal does not answer' : 'not followed';
  const state = row.paused ? 'paused' : row.following ? `followed from batch ${row.startBatch}` : followed;
  const batches =
    row.exists === null ? 'the chain does not answer' : `${lastBatchVerified} of ${lastBatchPosted} batches verified`;
  return `Rollup ${rollup} (${rollupType}): ${state}, ${batches}`;
}

/** @param namesRollup whether there is more than one */
function sequenceLine(sequence: SequenceStatus, namesRollup: boolean): string {
  const { status, rollup, stage, outcome, progress, note } = sequence;
  const prefix = namesRollup && rollup !== null ? `${rollup} ` : '';
  if (progress) {
    const line = `${prefix}${progressLine({ posted: progress.sequence, progress })}`;
    return progress.goOn ? `${line}\n    to go on: ${progress.goOn}` : line;
  }
  const name = `${prefix}${batchesName(sequence)}`;
  const because = note === null ? '' : ` (${note})`;
  if (outcome !== null) return `${name}: done: ${outcome}`;
  if (status === 'RUNNING') return `${name}: ${stage ?? 'running'}, as last reported${because}`;
  return `${name}: workflow ${status}${because}`;
}

function emptyPage({ total }: Status): string {
  return total === 0 ? 'No sequences yet' : 'No sequences on this page';
}

function pagesLine({ total, page, limit, sequences }: Status): string[] {
  if (total <= limit && page === 1) return [];
  const first = (page - 1) * limit + 1;
  const shown = sequences.length > 0 ? `Sequences ${first} to ${first + sequences.length - 1}` : 'None';
  const more = page * limit < total ? `; the next: --page ${page + 1}` : '';
  return [`${shown} of ${total}, those that run and the newest first${more}`];
}
