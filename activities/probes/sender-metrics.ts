import type { SenderMetrics } from '../sender/sender-context.js';
import { TRANSACTION_STEPS } from '../sender/transactions.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';

/** What a sender counts, as metrics. */
export function createSenderMetrics(metrics: Pick<Metrics, 'count' | 'set'>): SenderMetrics {
  return {
    broadcastAnswered: (said) => metrics.count('zkpow_broadcast_answers', 1, { said }),
    stepsHeldUp(counts) {
      for (const step of TRANSACTION_STEPS) metrics.set('zkpow_steps_held_up', counts.get(step) ?? 0, { step });
    },
  };
}
