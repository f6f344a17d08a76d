import type { SequenceViewReader } from '../chain/sequence-view-reader.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { SequenceView } from '../../domain/sequence-view.js';
import type { Probe } from '../../platform/telemetry/probes.js';

/** A sequence that nobody asked about for so long is settled or given up: its windows are nobody's business. */
const FORGOTTEN_AFTER_MS = 600_000;

/** A window that a miner still has to use. */
export interface OpenWindow {
  window: 'commit' | 'reveal';
  /** Blocks that a transaction can still land in. */
  blocksLeft: number;
}

/** What is open for this miner at the first block that a transaction can land in; null if nothing is. */
export function openWindow(view: SequenceView, next: number): OpenWindow | null {
  const { posted, accepted, round, own } = view;
  if (!posted || accepted !== 'none' || !round) return null;
  // While the predecessor is unverified the windows have no end.
  if (round.revealStart === null || round.end === null) return null;
  if (next < round.revealStart) {
    return own === 'none' ? { window: 'commit', blocksLeft: round.revealStart - next } : null;
  }
  return own === 'open' && next < round.end ? { window: 'reveal', blocksLeft: round.end - next } : null;
}

/**
 * Remembers the last view of every sequence that passes by. Each open sequence is read at every block anyway, so its
 * windows are known without another question to the chain.
 */
export function watchWindows(views: SequenceViewReader): { views: SequenceViewReader; probe: Probe } {
  const seen = new Map<string, { view: SequenceView; atMs: number }>();
  let head = 0;
  return {
    views: {
      async readView(sequence, ...rest) {
        const view = await views.readView(sequence, ...rest);
        seen.set(keyOf(sequence), { view, atMs: Date.now() });
        head = Math.max(head, view.head.number);
        return view;
      },
    },
    probe: {
      name: 'windows',
      async read(metrics) {
        const left: Record<OpenWindow['window'], number[]> = { commit: [], reveal: [] };
        for (const [key, { view, atMs }] of seen) {
          if (Date.now() - atMs > FORGOTTEN_AFTER_MS) seen.delete(key);
          const open = openWindow(view, head + 1);
          if (open) left[open.window].push(open.blocksLeft);
        }
        for (const window of ['commit', 'reveal'] as const) {
          metrics.set('zkpow_windows_open', left[window].length, { window });
          const least = left[window].length > 0 ? Math.min(...left[window]) : 0;
          metrics.set('zkpow_window_blocks_left', least, { window });
        }
        if (head > 0) metrics.set('zkpow_chain_head_block', head, {});
      },
    },
  };
}

function keyOf({ chainId, rollup, firstBatch, lastBatch, accInputHash }: SequenceIdentity): string {
  return [chainId, rollup, firstBatch, lastBatch, accInputHash].join('/');
}
