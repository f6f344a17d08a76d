import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import type { Metrics } from './metrics.js';
import type { Telemetry } from './telemetry.js';

/** Something outside of this process that is looked at now and then, to fill metrics with what it says. */
export interface Probe {
  name: string;
  read(metrics: Metrics): Promise<void>;
}

export interface RunningProbes {
  /** Resolves when the last look has ended. */
  stop(): Promise<void>;
}

interface ProbeOptions {
  telemetry: Pick<Telemetry, 'metrics' | 'hasMetrics'>;
  log: Logger;
  /** Between two looks. */
  intervalMs?: number;
}

const INTERVAL_MS = 15_000;

/**
 * Looks through every probe at once and then again and again, unless nobody can see the metrics. One that fails is shown,
 * and does not stop the others.
 */
export function startProbes(
  probes: readonly Probe[],
  { telemetry, log, intervalMs = INTERVAL_MS }: ProbeOptions,
): RunningProbes {
  const { metrics } = telemetry;
  const stopping = new AbortController();
  const run = async ({ name, read }: Probe): Promise<void> => {
    let failing = false;
    while (!stopping.signal.aborted) {
      try {
        await read(metrics);
        if (failing) log.info({ probe: name }, 'what metrics need can be read again');
        failing = false;
      } catch (error) {
        if (!failing && !stopping.signal.aborted) {
          log.warn({ probe: name, error }, 'what metrics need cannot be read; tried again');
        }
        failing = true;
      }
      metrics.set('zkpow_probe_failing', failing ? 1 : 0, { probe: name });
      await delay(intervalMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = Promise.all(telemetry.hasMetrics ? probes.map(run) : []);
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
