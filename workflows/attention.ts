import { ActivityFailure, CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { sequenceWorkflowId } from '../domain/names.js';
import { goOnCommand } from '../domain/sequence-progress.js';
import { reportProgress } from './report-progress.js';
import type { SequenceState } from './sequence-state.js';

/**
 * Shows an alarm, with the command by which a person says `goOn`, and waits until one does or, where one is given, until
 * `causeGone` resolves.
 *
 * @returns whether it was the person
 */
export async function waitForAttention(
  state: SequenceState,
  alarm: string,
  causeGone: (() => Promise<void>) | null = null,
): Promise<boolean> {
  const { goOns } = state;
  raiseAlarm(state, alarm, goOnCommand(sequenceWorkflowId(state.progress.sequence)));
  // Begun inside `firstOf`: only what is begun there ends with the other wait.
  const person = () => condition(() => state.goOns > goOns);
  try {
    await (causeGone ? firstOf(person, causeGone) : person());
  } finally {
    endAlarm(state, alarm);
  }
  return state.goOns > goOns;
}

/** Shows what stands between the sequence and its next step, until it is called with null. It waits for no person's word. */
export function showTrouble(state: SequenceState, trouble: string | null): void {
  const before = state.trouble ?? null;
  if (before === trouble) return;
  state.trouble = trouble;
  if (before !== null) endAlarm(state, before);
  if (trouble !== null) raiseAlarm(state, trouble, state.progress.goOn);
}

function raiseAlarm(state: SequenceState, alarm: string, goOn: string | null): void {
  if (state.alarms.length === 0) state.stageBefore = state.progress.stage;
  state.alarms.push(alarm);
  reportProgress(state, { stage: 'attention', alarm: state.alarms.join('; '), goOn });
}

function endAlarm(state: SequenceState, alarm: string): void {
  const place = state.alarms.indexOf(alarm);
  if (place >= 0) state.alarms.splice(place, 1);
  if (state.alarms.length > 0) reportProgress(state, { alarm: state.alarms.join('; ') });
  else reportProgress(state, { stage: state.stageBefore, alarm: null, goOn: null });
}

/** Pause before something that was refused is tried again. */
const REFUSED_MS = 30_000;

/**
 * Carries something out. What an activity refuses for good (no gas, an unknown rollup type, …) is shown as an alarm, and
 * ends after a pause or when a person says so: nothing was lost, and the caller looks at everything afresh.
 */
export async function showRefusal(state: SequenceState, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (isCancellation(error) || !(error instanceof ActivityFailure)) throw error;
    await waitForAttention(state, error.cause?.message ?? error.message, () =>
      sleep(REFUSED_MS, { summary: 'refused: think again' }),
    );
  }
}

/** Runs several waits side by side, returns when the first has ended and cancels the others. */
export async function firstOf(...waits: (() => Promise<unknown>)[]): Promise<void> {
  const scope = new CancellationScope();
  const running = waits.map((wait) => scope.run(wait));
  try {
    await Promise.race(running);
  } finally {
    scope.cancel();
    await Promise.all(running.map(ignoreCancellation));
  }
}

async function ignoreCancellation(promise: Promise<unknown>): Promise<void> {
  try {
    await promise;
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}
