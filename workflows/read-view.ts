import { sleep } from '@temporalio/workflow';
import { chainReads, chainWaits, lastingFailure, unlessThereIsNoRoom } from './activity-proxies.js';
import { showTrouble } from './attention.js';
import { viewFingerprint, type SequenceView } from '../domain/sequence-view.js';
import type { SequenceState } from './sequence-state.js';

/** Pause before what could not be read in several tries is tried again: short against any T2. */
const READ_AGAIN_LATER_MS = 5_000;

/** Reads what the chain and our rows say now, and remembers at which block. */
export async function readView(state: SequenceState): Promise<SequenceView> {
  const { sequence, miner } = state.progress;
  const { readSequenceView } = chainReads(sequence.chainId);
  const view = await readSequenceView.executeWithOptions({ summary: 'read the round' }, [
    { sequence, miner, lastUsed: state.lastUsed },
  ]);
  if (!view.stale) {
    state.lastUsed = view.head;
    state.sequencesAhead = view.sequencesAhead ?? 0;
    state.progress = { ...state.progress, round: view.round };
  }
  return view;
}

/** Null where the chain or the database cannot be read now: that is shown, and the caller looks again. */
export async function readViewOrSayWhy(state: SequenceState): Promise<SequenceView | null> {
  try {
    const view = await readView(state);
    showTrouble(state, null);
    return view;
  } catch (error) {
    const why = lastingFailure(error);
    if (why === null) throw error;
    showTrouble(state, `the sequence's state cannot be read, so nothing is done about it: ${why}`);
    await sleep(READ_AGAIN_LATER_MS, { summary: 'cannot be read: try again' });
    return null;
  }
}

/**
 * Waits, on the chain's reader, until what a decision hangs on differs from `view`, or until a block. Where so many wait
 * that there is no room for one more, or where the chain cannot be read, it returns after a while all the same: the caller
 * looks again by a short read, which says why.
 */
export async function waitForChange(
  state: SequenceState,
  view: SequenceView,
  untilBlock: number | null,
  summary: string,
): Promise<void> {
  const { sequence, miner } = state.progress;
  const { waitForChange: wait } = chainWaits(sequence.chainId);
  try {
    await unlessThereIsNoRoom(() =>
      wait.executeWithOptions({ summary }, [
        { sequence, miner, lastUsed: state.lastUsed, fingerprint: viewFingerprint(view), untilBlock },
      ]),
    );
  } catch (error) {
    // A wait that failed would end what runs beside it: proofs that are being made, the timer of a window.
    if (lastingFailure(error) === null) throw error;
  }
}
