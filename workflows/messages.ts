import { defineQuery, defineSignal } from '@temporalio/workflow';
import { STEP_HELD_UP_SIGNAL } from '../domain/names.js';
import type { SequenceProgress } from '../domain/sequence-progress.js';

/** How far a sequence has come. */
export const progressQuery = defineQuery<SequenceProgress>('progress');

/** A person has looked at an alarm and says: go on. */
export const goOnSignal = defineSignal('goOn');

/** What holds the step up that the sequence waits for, as its sender says; null: nothing any more. */
export const stepHeldUpSignal = defineSignal<[string | null]>(STEP_HELD_UP_SIGNAL);
