import type { AlarmReason, SequenceOutcome } from './decide.js';
import type { ProofKind } from './proof.js';
import type { Round, SequenceView } from './sequence-view.js';
import { batchCount, type SequenceIdentity } from './sequence.js';

/** What a sequence is at, for people. */
export type Stage = 'proving' | 'submitting' | 'hash window' | 'proof window' | 'finality' | 'attention' | 'done';

/** How far a sequence has come: shown in the Temporal UI and asked for by the command line. */
export interface SequenceProgress {
  sequence: SequenceIdentity;
  miner: string;
  stage: Stage;
  /** Proofs made and needed, by kind. */
  proofs: Record<ProofKind, { done: number; needed: number }>;
  round: Round | null;
  /** One line: what is being done or waited for. */
  doing: string;
  /** Why a person should look, null while all is well. */
  alarm: string | null;
  /** What a person types so that it goes on in spite of the alarm; null where it waits for nobody. */
  goOn: string | null;
  /** Failed rounds that a person has looked at: they no longer count. */
  forgivenRounds: number;
  outcome: SequenceOutcome | null;
}

/** What a person types so that a sequence's workflow goes on. */
export function goOnCommand(workflowId: string): string {
  return `npm run sequence -- go-on ${workflowId}`;
}

/** A sequence of n batches takes n batch proofs, n - 1 folds and a final proof. */
export function startProgress(sequence: SequenceIdentity, miner: string): SequenceProgress {
  const batches = batchCount(sequence);
  return {
    sequence,
    miner,
    stage: 'proving',
    proofs: {
      batch: { done: 0, needed: batches },
      aggregate: { done: 0, needed: batches - 1 },
      final: { done: 0, needed: 1 },
    },
    round: null,
    doing: 'reading the chain',
    alarm: null,
    goOn: null,
    forgivenRounds: 0,
    outcome: null,
  };
}

/** What each alarm means and what to do about it. A command names its rollup: typed as told, no coins go elsewhere. */
export function alarmText(reason: AlarmReason, { rollup }: Pick<SequenceIdentity, 'rollup'>): string {
  const miner = (command: string) => `npm run miner -- ${command} --rollup ${rollup}`;
  const texts: Record<AlarmReason, string> = {
    'three-rounds-failed': 'three rounds of ours failed in a row: find out why (npm run explain), then go on by hand',
    paused:
      'the rollup is paused; no proofHash is sent until it is resumed (paused by its admin, it opens no round, but one that ' +
      'is open is joined)',
    'stake-too-low':
      `the free stake does not cover a commitment: ${miner('deposit AMOUNT')} ` +
      `(${miner('status')} says how much is missing, and whether a cap of yours for this rollup is the cause)`,
    'too-many-commitments':
      `so many commitments of ours are open that the contract takes no more (${miner('status')} lists them); ` +
      'it goes on when one is revealed, closed by another miner, or its round has failed',
    'loss-over-limit':
      'a commitment could lose more than ZKPOW_LARGEST_LOSS allows: raise that, or lower ZKPOW_RESERVE_PER_COMMITMENT ' +
      "if it is above the rollup's minimum",
    'window-too-short': "the rollup's T2 is shorter than ZKPOW_SHORTEST_T2_BLOCKS allows",
    'reward-too-low':
      'what a proof would earn now is less than ZKPOW_LEAST_REWARD_PER_GAS_COST asks for; it goes on when the reward rises ' +
      'or gas becomes cheaper',
    'rollback-announced':
      "the rollup's admin has scheduled a roll back that may take this sequence out before its proof can be revealed, " +
      'and ZKPOW_WAIT_FOR_CHANGES says to wait; it goes on when that is cancelled',
    'settings-announced':
      "the rollup's admin may put announced settings in force at any time, and ZKPOW_WAIT_FOR_CHANGES says to wait; it goes on " +
      'once they are, are cancelled or lapse',
    'verifier-says-no':
      'the verifier refuses the stored final proof: check that circuits and verifier belong together; ' +
      'it goes on when the verifier takes it',
    'type-distrusted':
      `the rollup's type rule refuses a proof that our own check took (${miner('status')} says which): nothing is ` +
      'committed to any rollup of the rule until it takes that proof, which is asked every minute, or you trust it again: ' +
      miner('trust-rule'),
    'committed-proof-missing':
      'the final proof behind our proofHash is lost; it is not revealed, a new one is made for the next round',
    'reveal-would-fail':
      'the reveal fails when simulated; it is not sent, a new final proof is made for the next round',
  };
  return texts[reason];
}

/** How a sequence ended, for people. That our proof was accepted says nothing of the reward, which may be 0. */
export function outcomeText(outcome: SequenceOutcome): string {
  return outcome === 'rewarded' ? 'our proof was accepted' : outcome;
}

/** The view as a sequence's workflow takes it: failed rounds that a person has looked at no longer stop us. */
export function forgiveRounds(
  view: SequenceView,
  { forgivenRounds }: Pick<SequenceProgress, 'forgivenRounds'>,
): SequenceView {
  return { ...view, failedRoundsInARow: Math.max(0, view.failedRoundsInARow - forgivenRounds) };
}

/** The workflow's current details: a short Markdown table. */
export function describeProgress({ proofs, round, doing, alarm, goOn, outcome, stage }: SequenceProgress): string {
  const count = (kind: ProofKind) => `${proofs[kind].done}/${proofs[kind].needed}`;
  const rows = [
    ['stage', outcome ? `${stage}: ${outcomeText(outcome)}` : stage],
    ['proofs', `batch ${count('batch')} · aggregate ${count('aggregate')} · final ${count('final')}`],
    ['round', round ? describeRound(round) : 'none yet'],
    ['now', doing],
    ...(alarm ? [['**alarm**', alarm]] : []),
    ...(goOn ? [['**to go on**', `\`${goOn}\``]] : []),
  ];
  return ['| | |', '|---|---|', ...rows.map(([name, value]) => `| ${name} | ${value} |`)].join('\n');
}

function describeRound({ start, revealStart, end }: Round): string {
  if (revealStart === null || end === null) return `opened in block ${start}; proofs once the predecessor is verified`;
  return `hashes in [${start}, ${revealStart}), proofs in [${revealStart}, ${end})`;
}
