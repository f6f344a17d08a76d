import { Context } from '@temporalio/activity';
import type { ProofSender } from './proof-sender.js';
import type { SenderActivities, StepOutcome } from './sender-activities.js';
import type { StepKey } from './transactions.js';

/** Well below the heartbeat timeout, so that one lost heartbeat changes nothing. */
const HEARTBEAT_INTERVAL_MS = 3_000;

/** The activities of a sender that leads: each asks it for a step and waits for the step's end. */
export function createSenderActivities(sender: Pick<ProofSender, 'send' | 'cancel'>): SenderActivities {
  const send = (key: StepKey) => whileHeartbeating((signal) => sender.send(key, signal));
  return {
    submitProofHash: ({ sequence, tryNumber }) => send({ sequence, step: 'commit', tryNumber, round: null }),
    submitProof: ({ sequence, tryNumber, round }) => send({ sequence, step: 'reveal', tryNumber, round }),
    settleRound: ({ sequence, tryNumber, round }) => send({ sequence, step: 'settle', tryNumber, round }),
    takeBackProofHash: ({ sequence, tryNumber, round }) => send({ sequence, step: 'take-back', tryNumber, round }),
    cancelStep: ({ sequence, step: { step, tryNumber, round } }) =>
      whileHeartbeating((signal) => sender.cancel({ sequence, step, tryNumber, round }, signal)),
  };
}

/** Cancelling the activity ends the wait, not the step: its row goes on by itself. */
async function whileHeartbeating(wait: (signal: AbortSignal) => Promise<StepOutcome>): Promise<StepOutcome> {
  const context = Context.current();
  const heartbeats = setInterval(() => context.heartbeat(), HEARTBEAT_INTERVAL_MS);
  try {
    return await Promise.race([wait(context.cancellationSignal), context.cancelled]);
  } finally {
    clearInterval(heartbeats);
  }
}
