import type {
  Next,
  StartChildWorkflowExecutionInput,
  WorkflowInterceptors,
  WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import {
  OpenTelemetryInboundInterceptor,
  OpenTelemetryInternalsInterceptor,
  OpenTelemetryOutboundInterceptor,
} from '@temporalio/interceptors-opentelemetry/lib/workflow/index.js';

type Started = ReturnType<Next<WorkflowOutboundCallsInterceptor, 'startChildWorkflowExecution'>>;

/** One trace a sequence: the follower of its rollup, which starts it, lives for years, and so would its trace. */
class OneTraceASequence extends OpenTelemetryOutboundInterceptor {
  override startChildWorkflowExecution(
    input: StartChildWorkflowExecutionInput,
    next: Next<WorkflowOutboundCallsInterceptor, 'startChildWorkflowExecution'>,
  ): Started {
    return next(input);
  }
}

/** Part of the workflow bundle where traces are made; a bundle without it is another one. */
export const interceptors = (): WorkflowInterceptors => ({
  inbound: [new OpenTelemetryInboundInterceptor()],
  outbound: [new OneTraceASequence()],
  internals: [new OpenTelemetryInternalsInterceptor()],
});
