import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { SequenceProgress } from './domain/sequence-progress.js';

/** How far a sequence has come. */
export const progressQuery = defineQuery<SequenceProgress>('progress');

/** A person has looked at an alarm and says: go on. */
export const goOnSignal = defineSignal('goOn');
