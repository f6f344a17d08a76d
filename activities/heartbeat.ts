import { Context } from '@temporalio/activity';

/** Share of the heartbeat timeout after which the next sign of life is given: two may be lost. */
const BEATS_PER_TIMEOUT = 4;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Heartbeats while `work` runs, so that a dead worker is noticed and a cancellation arrives.
 *
 * @param details told with each beat: what a person sees in the Temporal UI
 * @param first whether to give a sign of life at once: of work that is often done in a moment it would be most of the
 * server's load
 */
export async function withHeartbeat<T>(
  details: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
  first: 'at once' | 'after a pause' = 'at once',
): Promise<T> {
  const context = Context.current();
  const timeoutMs = context.info.heartbeatTimeoutMs ?? BEATS_PER_TIMEOUT * LONGEST_PAUSE_MS;
  const beat = () => context.heartbeat(details());
  if (first === 'at once') beat();
  const timer = setInterval(beat, Math.min(LONGEST_PAUSE_MS, timeoutMs / BEATS_PER_TIMEOUT));
  try {
    return await work(context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
