import { ActivityFailure, CancellationScope, condition, isCancellation, sleep } from '@temporalio/workflow';
import { reportProgress } from './report-progress.js';
import type { SequenceState } from './sequence-state.js';

/**
 * Shows an alarm and waits until a person says `goOn` or, where one is given, until `causeGone` resolves.
 *
 * @returns whether it was the person
 */
export async function waitForAttention(
  state: SequenceState,
  alarm: string,
  causeGone: (() => Promise<void>) | null = null,
): Promise<boolean> {
  const { stage } = state.progress;
  const { goOns } = state;
  reportProgress(state, { stage: 'attention', alarm });

  // Begun inside `firstOf`: only what is begun there ends with the other wait.
  const person = () => condition(() => state.goOns > goOns);
  await (causeGone ? firstOf(person, causeGone) : person());
  reportProgress(state, { stage, alarm: null });
  return state.goOns > goOns;
}

/** Pause before something that was refused is tried again. */
const REFUSED_MS = 30_000;

/**
 * Carries something out. What an activity refuses for good (no gas, an unknown rollup type, …) is shown as an alarm, and
 * ends after a pause or when a person says so: nothing was lost, and the caller looks at everything afresh.
 */
export async function showRefusal(state: SequenceState, work: () => Promise<void>): Promise<void> {
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
