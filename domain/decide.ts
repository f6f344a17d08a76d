import { limitReached, type LimitReached } from './miner-limits.js';
import { stakeSuffices, type Round, type SequenceView, type Step, type StepInFlight } from './sequence-view.js';

/** After so many failed rounds of ours in a row a person has to look. */
export const MAX_FAILED_ROUNDS_IN_A_ROW = 3;

/** How a sequence ended for us. */
export type SequenceOutcome = 'rewarded' | 'verified-by-another' | 'late-reveal-not-worth-its-gas' | 'rolled-back';

/** Why a person should look at a sequence. */
export type AlarmReason =
  | 'three-rounds-failed'
  | 'paused'
  | 'stake-too-low'
  | 'too-many-commitments'
  | LimitReached
  | 'rollback-announced'
  | 'settings-announced'
  | 'verifier-says-no'
  | 'type-distrusted'
  | 'committed-proof-missing'
  | 'reveal-would-fail';

/** What a sequence waits for; `untilBlock` is where waiting must end at the latest. */
export type WaitFor = 'finality' | 'round-outcome' | 'predecessor';

/** What to do next about a sequence, and the row of the table in the design that says so. */
export type Decision =
  | { row: 1; action: 'read-again' }
  | { row: 2 | 4 | 5 | 6; action: 'finish'; outcome: SequenceOutcome }
  | { row: 2 | 4 | 5 | 6 | 12 | 14 | 17; action: 'wait'; waitFor: WaitFor; untilBlock: number | null }
  | { row: 2 | 3 | 7; action: 'cancel-step'; step: StepInFlight }
  | { row: 3 | 7; action: 'wait-for-step'; step: StepInFlight }
  | { row: 8; action: 'make-final-proof' }
  | { row: 9; action: 'wait-for-cause'; reason: AlarmReason; settleRounds: number[] }
  | {
      row: 10 | 13;
      action: 'commit';
      tryNumber: number;
      settleRounds: number[];
      /** What the commitment is bound to: under other terms it does not land. */
      termsVersion: number;
      /** What it puts at risk. */
      reserveWei: string;
    }
  | { row: 11; action: 'take-back'; tryNumber: number; round: number; reason: AlarmReason }
  | { row: 14; action: 'sleep-until'; untilBlock: number }
  | { row: 15; action: 'never-reveal'; reason: AlarmReason; untilBlock: number }
  /** `late`: from E on, when the pot is divided. */
  | { row: 5 | 16; action: 'reveal'; late: boolean; round: number | null; tryNumber: number };

/**
 * The referee's table: what the chain and our rows say → what to do. Rows are tried top down, the first that fits
 * wins, and one always does. Pure; nothing else decides by block numbers and windows. (The reader of the view compares them, too,
 * to ask of the chain only what may matter.)
 *
 * @see the table under "The two-step" in `docs/two-step.md`
 */
export function decide(view: SequenceView): Decision {
  if (view.stale) return { row: 1, action: 'read-again' };
  if (!view.posted) return decideGone(view);
  if (view.accepted !== 'none') return decideAccepted(view);
  return decideOpen(view);
}

/** Row 2: the sequence was rolled back, or another one stands in its place. */
function decideGone({ inFlight, absenceFinal }: SequenceView): Decision {
  if (isStep(inFlight, 'commit')) return { row: 2, action: 'cancel-step', step: inFlight };
  if (absenceFinal) return { row: 2, action: 'finish', outcome: 'rolled-back' };
  return { row: 2, action: 'wait', waitFor: 'finality', untilBlock: null };
}

/** Rows 3 to 6: somebody's proof was accepted. */
function decideAccepted(view: SequenceView): Decision {
  const { inFlight, accepted, acceptedFinal } = view;
  if (inFlight) {
    const action = inFlight.step === 'commit' ? 'cancel-step' : 'wait-for-step';
    return { row: 3, action, step: inFlight };
  }
  if (accepted === 'own' || view.own === 'accepted') {
    if (acceptedFinal) return { row: 4, action: 'finish', outcome: 'rewarded' };
    return { row: 4, action: 'wait', waitFor: 'finality', untilBlock: null };
  }
  if (view.own === 'late' && view.finalProofStored && view.storedProofMatchesOwnHash) {
    const { ownRound: round, nextTry: tryNumber } = view;
    const late = liveRound(view, view.head.number + 1) === null;
    if (view.lateRevealWorthItsGas) return { row: 5, action: 'reveal', late, round, tryNumber };
    // A reorg may take the other's acceptance back: then our hash is open again, with a window. Or gas becomes cheaper.
    if (!acceptedFinal) return { row: 5, action: 'wait', waitFor: 'finality', untilBlock: null };
    return { row: 5, action: 'finish', outcome: 'late-reveal-not-worth-its-gas' };
  }
  if (acceptedFinal) return { row: 6, action: 'finish', outcome: 'verified-by-another' };
  return { row: 6, action: 'wait', waitFor: 'finality', untilBlock: null };
}

/** Rows 7 to 17: nothing is accepted yet. */
function decideOpen(view: SequenceView): Decision {
  const { own, marginBlocks } = view;
  const next = view.head.number + 1;
  const round = liveRound(view, next);
  if (view.inFlight) return decideInFlight(view.inFlight, round, next);
  if (round === null) return decideCommit(view, 10);

  const beforeReveal = round.revealStart === null || next < round.revealStart;
  const enoughBlocksLeft = round.revealStart === null || round.revealStart - next >= Math.max(1, marginBlocks);
  if (beforeReveal && own === 'none' && enoughBlocksLeft) return decideCommit(view, 13);

  const unfit = !view.finalProofStored || !view.storedProofMatchesOwnHash;
  const refused = view.verifierSays === 'no';
  if (own === 'open' && round.revealStart === null && next >= round.hashWindowEnd && (unfit || refused)) {
    const reason = unfit ? 'committed-proof-missing' : 'verifier-says-no';
    return { row: 11, action: 'take-back', tryNumber: view.nextTry, round: round.start, reason };
  }
  if (beforeReveal && own === 'none') {
    return { row: 12, action: 'wait', waitFor: 'round-outcome', untilBlock: round.end };
  }
  if (beforeReveal && own === 'open') {
    if (round.revealStart === null) {
      // With a proof that cannot be revealed, row 11 applies from the end of the hash window on.
      return { row: 14, action: 'wait', waitFor: 'predecessor', untilBlock: unfit ? round.hashWindowEnd : null };
    }
    return { row: 14, action: 'sleep-until', untilBlock: round.revealStart };
  }
  if (own === 'open' && round.end !== null) {
    if (unfit || view.simulatedReveal === 'not-accepted') {
      const reason = unfit ? 'committed-proof-missing' : 'reveal-would-fail';
      return { row: 15, action: 'never-reveal', reason, untilBlock: round.end };
    }
    return { row: 16, action: 'reveal', late: false, round: view.ownRound, tryNumber: view.nextTry };
  }
  return { row: 17, action: 'wait', waitFor: 'round-outcome', untilBlock: round.end };
}

/** Row 7: one of our transactions is under way. */
function decideInFlight(step: StepInFlight, round: Round | null, next: number): Decision {
  const revealing = round !== null && round.revealStart !== null && next >= round.revealStart;
  const commitTooLate = step.step === 'commit' && revealing;
  const isOver = round === null || (step.round !== null && step.round !== round.start);
  const revealTooLate = step.step === 'reveal' && isOver;
  return { row: 7, action: commitTooLate || revealTooLate ? 'cancel-step' : 'wait-for-step', step };
}

/** Rows 8, 9, 10 and 13: a proofHash may be sent, if nothing speaks against it. */
function decideCommit(view: SequenceView, row: 10 | 13): Decision {
  const { nextTry: tryNumber, unsettledRounds: settleRounds, termsVersion, reserveWei } = view;
  if (!view.finalProofStored) return { row: 8, action: 'make-final-proof' };
  const reason = whyNotCommit(view, row);
  if (reason) return { row: 9, action: 'wait-for-cause', reason, settleRounds };
  return { row, action: 'commit', tryNumber, settleRounds, termsVersion, reserveWei };
}

function whyNotCommit(view: SequenceView, row: 10 | 13): AlarmReason | null {
  const { failedRoundsInARow, paused, openCommitments, maximumOpenCommitments, limits, offer } = view;
  if (failedRoundsInARow >= MAX_FAILED_ROUNDS_IN_A_ROW) return 'three-rounds-failed';
  // The contract's pause refuses only to open a round; one that is open may be joined.
  if (paused === 'operator' || (paused === 'contract' && row === 10)) return 'paused';
  if (!stakeSuffices(view)) return 'stake-too-low';
  if (openCommitments >= maximumOpenCommitments) return 'too-many-commitments';
  const limit = limitReached(limits, offer);
  if (limit) return limit;
  if (limits.waitsForChanges && mayBeRolledBack(view, row)) return 'rollback-announced';
  if (limits.waitsForChanges && row === 10 && mayGetOtherTerms(view)) return 'settings-announced';
  if (view.verifierSays === 'no') return 'verifier-says-no';
  return view.typeTrusted ? null : 'type-distrusted';
}

/** Whether an announced roll back may take the sequence out before a proof of ours could be revealed. */
function mayBeRolledBack(view: SequenceView, row: 10 | 13): boolean {
  return view.rollbackBlock !== null && view.rollbackBlock <= firstReveal(view, row);
}

/** Whether a round that is opened in the next block may have terms that nobody has looked at. */
function mayGetOtherTerms({ settingsBlock, head }: SequenceView): boolean {
  return settingsBlock !== null && settingsBlock <= head.number + 1;
}

/** The first block in which a proof committed to at the next one could be revealed, if its predecessor is verified in time. */
function firstReveal({ round, head, offer }: SequenceView, row: 10 | 13): number {
  const next = head.number + 1;
  if (row === 10 || round === null) return Math.max(next + offer.t1Blocks, offer.revealNotBefore);
  return round.revealStart ?? Math.max(round.hashWindowEnd, next + 1, offer.revealNotBefore);
}

/** The round that takes hashes or proofs at a block; null where there is none, or it has ended: the next hash opens another. */
function liveRound({ round }: Pick<SequenceView, 'round'>, next: number): Round | null {
  return round !== null && (round.end === null || next < round.end) ? round : null;
}

function isStep(inFlight: StepInFlight | null, step: Step): inFlight is StepInFlight {
  return inFlight?.step === step;
}
