import { outcomeText, type SequenceProgress } from '../../domain/sequence-progress.js';
import type { PostedSequence } from '../../domain/sequence.js';

/** A posted sequence and how far its workflow says it is; null before the workflow runs. */
export interface WatchedSequence {
  posted: PostedSequence;
  progress: SequenceProgress | null;
}

const BAR_CELLS = 16;

/** The list shown while the demo runs: a bar for each sequence, then the chain and the time. */
export function progressList(sequences: readonly WatchedSequence[], head: number | null, seconds: number): string {
  const names = sequences.map(({ posted }) => batchesName(posted));
  const width = Math.max(...names.map((name) => name.length));
  const lines = sequences.flatMap(({ progress }, index) => {
    const { done, needed } = countProofs(progress);
    const counted = `${done}/${needed || '?'} proofs`.padEnd(13);
    const line = `  ${(names[index] ?? '').padEnd(width)}  ${bar(done, needed)}  ${counted}  ${stageText(progress)}`;
    return progress?.alarm ? [line, `  ${''.padEnd(width)}  ! ${progress.alarm}`] : [line];
  });
  return [...lines, '', `  block ${head ?? '?'} · ${duration(seconds)}`].join('\n');
}

/** One line of a plain log, the same as long as nothing worth telling has changed. */
export function progressLine({
  posted,
  progress,
}: {
  posted: Pick<PostedSequence, 'firstBatch' | 'lastBatch'>;
  progress: SequenceProgress | null;
}): string {
  const { done, needed } = countProofs(progress);
  const alarm = progress?.alarm ? ` ! ${progress.alarm}` : '';
  return `${batchesName(posted)}: ${done}/${needed || '?'} proofs, ${stageText(progress)}${alarm}`;
}

export function batchesName({ firstBatch, lastBatch }: Pick<PostedSequence, 'firstBatch' | 'lastBatch'>): string {
  return firstBatch === lastBatch ? `batch ${firstBatch}` : `batches ${firstBatch}-${lastBatch}`;
}

/** Seconds as a person says them. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}

function bar(done: number, needed: number): string {
  const filled = needed === 0 ? 0 : Math.round((done / needed) * BAR_CELLS);
  return '█'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
}

function stageText(progress: SequenceProgress | null): string {
  if (!progress) return 'posted';
  const { stage, outcome, doing } = progress;
  if (outcome) return `done: ${outcomeText(outcome)}`;
  return stage === doing ? stage : `${stage}: ${doing}`;
}

function countProofs(progress: SequenceProgress | null): { done: number; needed: number } {
  const counts = Object.values(progress?.proofs ?? {});
  return {
    done: counts.reduce((sum, { done }) => sum + done, 0),
    needed: counts.reduce((sum, { needed }) => sum + needed, 0),
  };
}
