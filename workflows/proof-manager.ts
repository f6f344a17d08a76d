import { patched, sleep } from '@temporalio/workflow';
import { chainReads, proofSender } from './activity-proxies.js';
import { firstOf, showRefusal, waitForAttention } from './attention.js';
import { decide, type Decision, type SequenceOutcome, type WaitFor } from '../domain/decide.js';
import { alarmText, forgiveRounds } from '../domain/sequence-progress.js';
import type { SequenceView, StepInFlight } from '../domain/sequence-view.js';
import { generateProofUnlessOvertaken } from './proof-generator.js';
import { readViewOrSayWhy, waitForChange } from './read-view.js';
import { reportProgress } from './report-progress.js';
import type { SequenceState } from './sequence-state.js';

/** Pause before a lagging endpoint is asked again. */
const READ_AGAIN_MS = 1_000;
/** A timer never sleeps longer than this before the head is read again: expected block times may be wrong. */
const MAX_SLEEP_MS = 600_000;

const WAIT_TEXT: Record<WaitFor, string> = {
  finality: 'confirmation depth',
  'round-outcome': 'the outcome of the round',
  predecessor: 'verification of the predecessor',
};

/**
 * The Proof Manager's loop: read the round from the chain, `decide`, act, until the sequence is settled. The first
 * pass with a stored final proof is the source's `tryFetchProofToSend`; a pass after a lapsed round, `processResend`.
 *
 * @param tired asked after each pass; when it says yes the loop ends with null, to go on in a new run
 */
export async function manageProof(state: SequenceState, tired: () => boolean): Promise<SequenceOutcome | null> {
  do {
    const view = await readViewOrSayWhy(state);
    if (view === null) continue;
    const decision = decide(forgiveRounds(view, state.progress));
    if (decision.action === 'finish') return decision.outcome;
    await showRefusal(state, () => act(state, view, decision));
  } while (!tired());
  return null;
}

type Unfinished = Exclude<Decision, { action: 'finish' }>;

/** Carries out one row of the table. */
async function act(state: SequenceState, view: SequenceView, decision: Unfinished): Promise<void> {
  switch (decision.action) {
    case 'read-again':
      return sleep(READ_AGAIN_MS, { summary: 'an endpoint lags: read again' });
    case 'make-final-proof':
      reportProgress(state, { stage: 'proving', doing: 'making the final proof' });
      return void (await generateProofUnlessOvertaken(state, null));
    case 'commit':
      return view.failedRoundsInARow > 0 ? processResend(state, decision) : tryFetchProofToSend(state, decision);
    case 'reveal':
      return reveal(state, decision);
    case 'take-back':
      return takeBack(state, decision);
    case 'wait-for-step':
      return waitForStep(state, decision.step);
    case 'cancel-step':
      return cancelStep(state, decision.step);
    case 'sleep-until':
      reportProgress(state, { stage: 'hash window', doing: `T1: until block ${decision.untilBlock}` });
      return waitForHashWindow(state, view, decision.untilBlock);
    case 'wait':
      return wait(state, view, decision);
    case 'wait-for-cause':
      return waitForCause(state, view, decision);
    case 'never-reveal':
      return replaceProof(state, view, decision);
  }
}

type Commit = Extract<Decision, { action: 'commit' }>;

/** Hands a newly stored final proof to the sender: step 1 of the two, its hash. */
async function tryFetchProofToSend(state: SequenceState, { tryNumber, settleRounds }: Commit): Promise<void> {
  const { sequence, miner } = state.progress;
  await settle(state, settleRounds);
  reportProgress(state, { stage: 'submitting', doing: 'sending the proofHash' });
  await proofSender(sequence.chainId, miner).submitProofHash.executeWithOptions(
    { summary: `proofHash, try ${tryNumber}` },
    [{ sequence, tryNumber }],
  );
}

/** A round lapsed without a verified proof: the same proof is committed to again, and opens a new one. */
async function processResend(state: SequenceState, decision: Commit): Promise<void> {
  await tryFetchProofToSend(state, decision);
}

/**
 * Books the penalties of our failed rounds, so that they no longer hold stake.
 *
 * @returns whether it booked anything
 */
async function settle(state: SequenceState, rounds: number[]): Promise<boolean> {
  const { sequence, miner } = state.progress;
  let booked = false;
  for (const round of rounds) {
    reportProgress(state, { stage: 'submitting', doing: `settling round ${round}` });
    const options = { summary: `settle round ${round}` };
    const { result } = await proofSender(sequence.chainId, miner).settleRound.executeWithOptions(options, [
      { sequence, tryNumber: round, round },
    ]);
    booked ||= result === 'mined';
  }
  return booked;
}

/** Step 2 of the two: the proof itself. */
async function reveal(state: SequenceState, decision: Extract<Decision, { action: 'reveal' }>): Promise<void> {
  const { sequence, miner } = state.progress;
  const { late, round, tryNumber } = decision;
  reportProgress(state, { stage: 'proof window', doing: late ? 'sending the proof, late' : 'sending the proof' });
  await proofSender(sequence.chainId, miner).submitProof.executeWithOptions(
    { summary: late ? 'proof, late' : `proof of round ${round}` },
    [{ sequence, tryNumber, round }],
  );
}

async function takeBack(state: SequenceState, decision: Extract<Decision, { action: 'take-back' }>): Promise<void> {
  const { sequence, miner } = state.progress;
  const { round, tryNumber } = decision;
  reportProgress(state, {
    stage: 'submitting',
    doing: 'taking the hash back',
    alarm: alarmText(decision.reason, sequence),
  });
  await proofSender(sequence.chainId, miner).takeBackProofHash.executeWithOptions({ summary: 'take the hash back' }, [
    { sequence, tryNumber, round },
  ]);
}

/** Asks for the same step again: the sender finds it under way and goes on watching it. */
async function waitForStep(state: SequenceState, { step, tryNumber, round }: StepInFlight): Promise<void> {
  const { sequence, miner } = state.progress;
  const sender = proofSender(sequence.chainId, miner);
  const options = { summary: `wait for the ${step} under way` };
  reportProgress(state, { stage: 'submitting', doing: options.summary });
  if (step === 'commit') await sender.submitProofHash.executeWithOptions(options, [{ sequence, tryNumber }]);
  else if (step === 'reveal') await sender.submitProof.executeWithOptions(options, [{ sequence, tryNumber, round }]);
  else if (round === null) throw new TypeError(`a ${step} under way names no round`);
  else if (step === 'settle') await sender.settleRound.executeWithOptions(options, [{ sequence, tryNumber, round }]);
  else await sender.takeBackProofHash.executeWithOptions(options, [{ sequence, tryNumber, round }]);
}

async function cancelStep(state: SequenceState, step: StepInFlight): Promise<void> {
  const { sequence, miner } = state.progress;
  reportProgress(state, { stage: 'submitting', doing: `cancelling a ${step.step} that has become useless` });
  await proofSender(sequence.chainId, miner).cancelStep.executeWithOptions({ summary: `cancel ${step.step}` }, [
    { sequence, step },
  ]);
}

/** T1 passes, or the round changes: another one is accepted, or the posting leaves the chain. */
async function waitForHashWindow(state: SequenceState, view: SequenceView, untilBlock: number): Promise<void> {
  const sleepThroughIt = () => sleepUntilBlock(state, untilBlock, 'T1');
  if (!patched('t1-wakes-on-change')) return sleepThroughIt();
  await firstOf(() => waitForChange(state, view, untilBlock, 'T1'), sleepThroughIt);
}

async function wait(
  state: SequenceState,
  view: SequenceView,
  { waitFor, untilBlock }: Extract<Decision, { action: 'wait' }>,
): Promise<void> {
  const until = untilBlock === null ? '' : `, until block ${untilBlock}`;
  const stage = waitFor === 'finality' ? 'finality' : waitFor === 'predecessor' ? 'hash window' : 'proof window';
  reportProgress(state, { stage, doing: `waiting for ${WAIT_TEXT[waitFor]}${until}` });
  const change = () => waitForChange(state, view, untilBlock, WAIT_TEXT[waitFor]);
  if (untilBlock === null) return change();
  await firstOf(change, () => sleepUntilBlock(state, untilBlock, 'T2'));
}

async function waitForCause(
  state: SequenceState,
  view: SequenceView,
  { reason, settleRounds }: Extract<Decision, { action: 'wait-for-cause' }>,
): Promise<void> {
  // Settling changes the view by itself; the alarm is for what stays wrong after it, or cannot be settled.
  if (await settle(state, settleRounds)) return;
  const causeGone = () => waitForChange(state, view, null, `cause: ${reason}`);
  const person = await waitForAttention(state, alarmText(reason, state.progress.sequence), causeGone);
  if (person && reason === 'three-rounds-failed') reportProgress(state, { forgivenRounds: view.failedRoundsInARow });
}

/** The committed proof cannot be revealed: another is made beside it, for the round after this one. */
async function replaceProof(
  state: SequenceState,
  view: SequenceView,
  { reason, untilBlock }: Extract<Decision, { action: 'never-reveal' }>,
): Promise<void> {
  reportProgress(state, {
    stage: 'attention',
    alarm: alarmText(reason, state.progress.sequence),
    doing: 'making a new final proof',
  });
  if (!(await generateProofUnlessOvertaken(state, `round ${view.ownRound}`))) {
    reportProgress(state, { doing: `waiting for the end of the round, block ${untilBlock}` });
    await firstOf(
      () => waitForChange(state, view, untilBlock, 'end of the round'),
      () => sleepUntilBlock(state, untilBlock, 'T2'),
    );
  }
  reportProgress(state, { alarm: null });
}

/** Durable timer until a block can be the next one. Windows are block numbers: the clock only says when to look. */
async function sleepUntilBlock(
  { progress: { sequence } }: SequenceState,
  block: number,
  window: string,
): Promise<void> {
  const { expectedTimeUntilBlock } = chainReads(sequence.chainId);
  for (;;) {
    const { timeMs } = await expectedTimeUntilBlock.executeWithOptions({ summary: `time until block ${block}` }, [
      { chainId: sequence.chainId, block },
    ]);
    if (timeMs <= 0) return;
    await sleep(Math.min(timeMs, MAX_SLEEP_MS), { summary: `${window}: until block ${block}` });
  }
}
