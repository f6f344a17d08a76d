import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  Runtime,
  type LogLevel,
  type LogMetadata,
  type TelemetryOptions,
  type WorkerOptions,
} from '@temporalio/worker';
import { activityInterceptors } from './activity-interceptors.js';
import type { Logger } from '../log.js';
import { findSecrets } from '../secrets/find-secrets.js';
import { createRedact } from '../secrets/redact.js';
import { createMetrics, SECONDS_BUCKETS, type Metrics } from './metrics.js';
import { METRICS } from './metrics-table.js';
import { isTraced, startTracing } from './tracing.js';

/** How a process shows what it does: log lines of the SDK, metrics and traces. */
export interface Telemetry {
  metrics: Metrics;
  /** Whether there is a metrics address, so that what only metrics need is worth its reads. */
  hasMetrics: boolean;
  /** Whether workflows make spans: their bundle is another one then. */
  tracesWorkflows: boolean;
  /** For every SDK worker of the process. */
  workerOptions: Pick<WorkerOptions, 'interceptors' | 'sinks'>;
  /** For the client that starts workflows. */
  clientInterceptors: WorkflowClientInterceptor[];
  /** Sends what traces are left. */
  close(): Promise<void>;
}

/** The metrics address cannot be listened on. */
export class MetricsAddressError extends Error {
  override readonly name = 'MetricsAddressError';
}

let started: Telemetry | undefined;

/**
 * Sends the SDK's own lines to the log, leaves signals to us (what they mean depends on the role), and opens the metrics
 * address and the way to the traces where they are set. To be called before any other use of the SDK; of several roles
 * in one process the first one's settings hold for all.
 *
 * @throws MetricsAddressError if something else listens there
 */
export function startTelemetry(role: string, log: Logger, env: NodeJS.ProcessEnv): Telemetry {
  started ??= makeTelemetry(role, log, env);
  return started;
}

/** Ends what `startTelemetry` began, if it was called. */
export async function endTelemetry(): Promise<void> {
  await started?.close();
}

function makeTelemetry(role: string, log: Logger, env: NodeJS.ProcessEnv): Telemetry {
  const metricsAddress = env['ZKPOW_METRICS_ADDRESS']?.trim();
  installRuntime(log, metricsAddress);
  const metrics = createMetrics(Runtime.instance().metricMeter);
  const tracing = isTraced(env) ? startTracing(role, env) : undefined;
  return {
    metrics,
    hasMetrics: Boolean(metricsAddress),
    tracesWorkflows: tracing !== undefined,
    workerOptions: {
      interceptors: {
        activity: [
          ...(tracing ? [tracing.activityInterceptors] : []),
          activityInterceptors(metrics, createRedact(findSecrets(env))),
        ],
      },
      ...(tracing && { sinks: tracing.sinks }),
    },
    clientInterceptors: tracing?.clientInterceptors ?? [],
    close: async () => tracing?.close().catch((error: unknown) => log.warn({ error }, 'the last traces are lost')),
  };
}

function installRuntime(log: Logger, metricsAddress: string | undefined): void {
  const write = (level: LogLevel, message: string, meta?: LogMetadata): void => {
    log[PINO_LEVEL[level]](meta ?? {}, message);
  };
  try {
    Runtime.install({
      logger: {
        log: write,
        trace: (message, meta) => write('TRACE', message, meta),
        debug: (message, meta) => write('DEBUG', message, meta),
        info: (message, meta) => write('INFO', message, meta),
        warn: (message, meta) => write('WARN', message, meta),
        error: (message, meta) => write('ERROR', message, meta),
      },
      telemetryOptions: {
        logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
        ...(metricsAddress ? { metrics: metricsAt(metricsAddress) } : {}),
      },
      shutdownSignals: [],
    });
  } catch (error) {
    if (!metricsAddress) throw error;
    throw new MetricsAddressError(
      `Metrics cannot be shown at ${metricsAddress}: ${error instanceof Error ? error.message : String(error)}. ` +
        'Set ZKPOW_METRICS_ADDRESS to a free port and an address of this machine; each process needs one of its own',
      { cause: error },
    );
  }
}

/** One address for the metrics of the SDK's core and for ours. */
function metricsAt(bindAddress: string): NonNullable<TelemetryOptions['metrics']> {
  const ours = Object.entries(METRICS).filter(([, { kind }]) => kind === 'histogram');
  return {
    // It would put the core's name on every metric.
    attachServiceName: false,
    prometheus: {
      bindAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: Object.fromEntries(ours.map(([name]) => [name, SECONDS_BUCKETS])),
    },
  };
}

const PINO_LEVEL = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;
