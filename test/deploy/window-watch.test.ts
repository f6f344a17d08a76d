import { describe, expect, test } from 'vitest';
import type { SequenceView } from '../../domain/sequence-view.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';
import { openWindow, watchWindows } from '../../activities/probes/window-watch.js';
import { sampleSequence, SAMPLE_MINER, word32 } from '../support/proof-samples.js';
import { viewAt } from '../workflows/views.js';

const ROUND = { start: 100, hashWindowEnd: 110, revealStart: 110, end: 140 };

function view(changes: Partial<SequenceView>): SequenceView {
  return viewAt(104, { posted: true, accepted: 'none', round: ROUND, own: 'none', ...changes });
}

describe('openWindow', () => {
  test.each<[string, Partial<SequenceView>, number, ReturnType<typeof openWindow>]>([
    ['a round of another miner', {}, 104, { window: 'commit', blocksLeft: 6 }],
    ['its last block', {}, 109, { window: 'commit', blocksLeft: 1 }],
    ['its hash window is over', {}, 110, null],
    ['our hash is in it', { own: 'open' }, 104, null],
    ['our proof may come', { own: 'open' }, 110, { window: 'reveal', blocksLeft: 30 }],
    ['the last block for it', { own: 'open' }, 139, { window: 'reveal', blocksLeft: 1 }],
    ['too late', { own: 'open' }, 140, null],
    ['no round', { round: null }, 104, null],
    ['accepted already', { accepted: 'other' }, 104, null],
    ['the predecessor is unverified', { round: { ...ROUND, revealStart: null, end: null } }, 104, null],
  ])('%s', (_what, changes, next, expected) => {
    expect(openWindow(view(changes), next)).toEqual(expected);
  });
});

test('the windows of all sequences that were looked at are counted at the newest head; the first to end is shown', async () => {
  const shown = new Map<string, number>();
  const metrics: Metrics = {
    count: () => undefined,
    observe: () => undefined,
    set: (name, value, labels) => void shown.set([name, ...Object.values(labels)].join(' '), value),
  };
  const heads = [103, 105, 105];
  const owns: SequenceView['own'][] = ['none', 'none', 'open'];
  let asked = 0;
  const { views, probe } = watchWindows({
    async readView() {
      const index = asked++;
      const round = { ...ROUND, revealStart: index === 2 ? 104 : 110 + index };
      return view({ head: { number: heads[index] ?? 0, hash: word32(1) }, round, own: owns[index] ?? 'none' });
    },
  });
  for (const batch of [1, 2, 3]) await views.readView(sampleSequence(batch, batch), SAMPLE_MINER);
  await probe.read(metrics);
  expect(Object.fromEntries(shown)).toEqual({
    'zkpow_windows_open commit': 2,
    'zkpow_window_blocks_left commit': 4,
    'zkpow_windows_open reveal': 1,
    'zkpow_window_blocks_left reveal': 34,
    zkpow_chain_head_block: 105,
  });
});
