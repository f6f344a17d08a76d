import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { z } from 'zod';
import { redactError, type Redact } from '../secrets/redact.js';
import { identityOf, runAs, type ActivityIdentity } from './activity-identity.js';
import type { Metrics } from './metrics.js';

/** A check that the aggregator made, in request and answer of its activity. */
const checkedTask = z.object({ task: z.object({ kind: z.string() }) });
const verdict = z.object({ accepted: z.unknown() });

/**
 * What is done around every activity of a process: each line logged in its course says what it is about, how long it
 * waited is measured, and no secret is in what it fails with.
 */
export function activityInterceptors(metrics: Metrics, redact: Redact): ActivityInterceptorsFactory {
  return ({ info }) => {
    let identity: ActivityIdentity | undefined;
    return {
      inbound: {
        execute(input, next) {
          const about = (identity = identityOf(info, input.args));
          const waitedMs = Date.now() - info.currentAttemptScheduledTimestampMs;
          // Two machines' clocks: a wait is never negative.
          const waitedSeconds = Math.max(0, waitedMs) / 1000;
          metrics.observe('zkpow_queue_wait_seconds', waitedSeconds, { activity: info.activityType });
          return runAs(about, async () => {
            const result = await next(input).catch((error: unknown) => {
              throw redactError(error, redact);
            });
            if (info.activityType === 'acceptProof') countCheck(metrics, input.args[0], result);
            return result;
          });
        },
      },
      // The SDK's own lines about an activity, and those of `log` from its library.
      outbound: { getLogAttributes: (input, next) => next({ ...input, ...identity }) },
    };
  };
}

function countCheck(metrics: Metrics, request: unknown, answer: unknown): void {
  const checked = checkedTask.safeParse(request).data;
  const judged = verdict.safeParse(answer).data;
  if (!checked || !judged) return;
  const outcome = judged.accepted === null ? 'refused' : 'accepted';
  metrics.count('zkpow_proofs_checked', 1, { kind: checked.task.kind, outcome });
}
