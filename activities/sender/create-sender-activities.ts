import { Context } from '@temporalio/activity';
import { STEP_HELD_UP_SIGNAL } from '../../domain/names.js';
import { createLatestTeller } from './latest-teller.js';
import type { ProofSender, Waiting } from './proof-sender.js';
import type { SenderActivities, StepOutcome } from '../../domain/sender-activities.js';
import type { StepKey } from './transactions.js';

/** Well below the heartbeat timeout, so that one lost heartbeat changes nothing. */
const HEARTBEAT_INTERVAL_MS = 3_000;

/** The activities of a sender that leads: each asks it for a step and waits for the step's end. */
export function createSenderActivities(sender: Pick<ProofSender, 'send' | 'cancel'>): SenderActivities {
  const send = (key: StepKey) => whileHeartbeating((waiting) => sender.send(key, waiting));
  return {
    submitProofHash: ({ sequence, tryNumber }) => send({ sequence, step: 'commit', tryNumber, round: null }),
    submitProof: ({ sequence, tryNumber, round }) => send({ sequence, step: 'reveal', tryNumber, round }),
    settleRound: ({ sequence, tryNumber, round }) => send({ sequence, step: 'settle', tryNumber, round }),
    takeBackProofHash: ({ sequence, tryNumber, round }) => send({ sequence, step: 'take-back', tryNumber, round }),
    cancelStep: ({ sequence, step: { step, tryNumber, round } }) =>
      whileHeartbeating((waiting) => sender.cancel({ sequence, step, tryNumber, round }, waiting)),
  };
}

/**
 * Cancelling the activity ends the wait, not the step: its row goes on by itself. What holds the step up meanwhile is told to
 * the workflow that waits for it.
 */
async function whileHeartbeating(wait: (waiting: Waiting) => Promise<StepOutcome>): Promise<StepOutcome> {
  const context = Context.current();
  const { workflowExecution, attempt } = context.info;
  const teller = createLatestTeller(async (reason) => {
    if (!workflowExecution) return;
    const { workflowId, runId } = workflowExecution;
    await context.client.workflow.getHandle(workflowId, runId).signal(STEP_HELD_UP_SIGNAL, reason);
  });
  // The worker that had this step before may have told of something that is no longer so.
  if (attempt > 1) teller.tell(null);
  const heartbeats = setInterval(() => {
    context.heartbeat();
    teller.tryAgain();
  }, HEARTBEAT_INTERVAL_MS);
  try {
    const waiting = { signal: context.cancellationSignal, onHeldUp: (reason: string | null) => teller.tell(reason) };
    return await Promise.race([wait(waiting), context.cancelled]);
  } finally {
    clearInterval(heartbeats);
    // What is told after the step's end would be taken for the next one's.
    await teller.end();
  }
}
