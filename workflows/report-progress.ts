import { setCurrentDetails, upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';
import { describeProgress, type SequenceProgress } from '../domain/sequence-progress.js';
import type { SequenceState } from './sequence-state.js';

/** Notes how far the sequence is and shows it: current details for people, search attributes for lists. */
export function reportProgress(state: SequenceState, news: Partial<SequenceProgress>): void {
  state.progress = { ...state.progress, ...news };
  setCurrentDetails(describeProgress(state.progress));

  const { stage } = state.progress;
  const round = state.progress.round?.start ?? null;
  if (state.reported.stage === stage && state.reported.round === round) return;
  state.reported = { stage, round };
  upsertSearchAttributes([
    { key: SEARCH_ATTRIBUTES.stage, value: stage },
    { key: SEARCH_ATTRIBUTES.round, value: round },
  ]);
}
