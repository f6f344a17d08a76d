import { condition, sleep } from '@temporalio/workflow';
import { firstOf } from './attention.js';

/**
 * Tasks that are put into the queue together. A workflow's commands reach the queue only all at once: with hundreds of
 * them machines would wait most of a second for the first. More than most fleets begin at a time.
 */
const FIRST_WAVE = 64;

/** The next wave comes by then, however long proofs take: there may be more machines than tasks in a wave. */
const LONGEST_WAVE_MS = 1_000;

interface Wave {
  /** Tasks that it has room for. */
  room: number;
  begun: Promise<void> | null;
  /** Whether one of its tasks has ended. */
  ended: boolean;
}

/**
 * Spreads the tasks that a workflow has at one moment over several waves, in the order in which it asks; each is twice as
 * large as the one before. A wave begins when the first task of the one before has ended, or after a second: machines
 * have work by then, and the queue more of it.
 *
 * @returns runs what it is given when its wave has come
 */
export function createRamp(firstWave = FIRST_WAVE): <T>(work: () => Promise<T>) => Promise<T> {
  let size = firstWave;
  let wave: Wave = { room: size, begun: null, ended: false };
  return async (work) => {
    if (wave.room === 0) {
      size *= 2;
      wave = { room: size, begun: untilNext(wave), ended: false };
    }
    const own = wave;
    own.room -= 1;
    if (own.begun) await own.begun;
    try {
      return await work();
    } finally {
      own.ended = true;
    }
  };
}

async function untilNext(wave: Wave): Promise<void> {
  await wave.begun;
  await firstOf(
    () => condition(() => wave.ended),
    () => sleep(LONGEST_WAVE_MS, { summary: 'next wave of tasks' }),
  );
}
