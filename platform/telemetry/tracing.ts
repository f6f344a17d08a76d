import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, type Context, type ContextManager } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryActivityOutboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Sinks } from '@temporalio/workflow';

/** What makes spans of activities, workflows and of the client that starts workflows, and sends them. */
export interface Tracing {
  activityInterceptors: ActivityInterceptorsFactory;
  clientInterceptors: WorkflowClientInterceptor[];
  /** Takes the spans of workflows out of their sandbox. */
  sinks: InjectedSinks<Sinks>;
  /** Sends what is left. */
  close(): Promise<void>;
}

/** Whether this environment names a place where traces go. */
export function isTraced(env: NodeJS.ProcessEnv): boolean {
  return ['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some((name) => env[name]?.trim());
}

/**
 * Sends traces by OTLP over HTTP, as the standard variables `OTEL_*` say. To be called once in a process.
 *
 * @param role names the service: `zkpow-aggregator`, unless `OTEL_SERVICE_NAME` says otherwise
 */
export function startTracing(role: string, env: NodeJS.ProcessEnv): Tracing {
  // The library reads the process' own environment, which lacks what a file .env adds.
  for (const [name, value] of Object.entries(env)) {
    if (name.startsWith('OTEL_') && value !== undefined) process.env[name] ??= value;
  }
  const named = new Resource({ 'service.name': `zkpow-${role}` });
  const resource = named.merge(detectResourcesSync({ detectors: [envDetectorSync] }));
  const processor = new BatchSpanProcessor(new OTLPTraceExporter());
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  provider.register({ contextManager: createContextManager() });
  return {
    activityInterceptors: (context) => ({
      inbound: new OpenTelemetryActivityInboundInterceptor(context),
      outbound: new OpenTelemetryActivityOutboundInterceptor(context),
    }),
    clientInterceptors: [new OpenTelemetryWorkflowClientInterceptor()],
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    close: () => provider.shutdown(),
  };
}

/** Keeps the span that is under way through asynchronous code: spans made inside become its children. */
function createContextManager(): ContextManager {
  const storage = new AsyncLocalStorage<Context>();
  const manager: ContextManager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (context, work, self, ...args) => storage.run(context, () => work.apply(self, args)),
    bind: (_context, target) => target,
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}
