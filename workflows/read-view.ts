import { chainReads, chainWaits, unlessThereIsNoRoom } from './activity-proxies.js';
import { viewFingerprint, type SequenceView } from './domain/sequence-view.js';
import type { SequenceState } from './sequence-state.js';

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

/**
 * Waits, on the chain's reader, until what a decision hangs on differs from `view`, or until a block. Where so many wait
 * that there is no room for one more, it returns after a while all the same: the caller looks again by a short read.
 */
export async function waitForChange(
  state: SequenceState,
  view: SequenceView,
  untilBlock: number | null,
  summary: string,
): Promise<void> {
  const { sequence, miner } = state.progress;
  const { waitForChange: wait } = chainWaits(sequence.chainId);
  await unlessThereIsNoRoom(() =>
    wait.executeWithOptions({ summary }, [
      { sequence, miner, lastUsed: state.lastUsed, fingerprint: viewFingerprint(view), untilBlock },
    ]),
  );
}
