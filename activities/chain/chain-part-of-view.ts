import type { CommitmentState } from '../../contracts/abi.js';
import type { OwnCommitment, Round, SequenceView } from '../../workflows/domain/sequence-view.js';
import type { SequenceFacts } from './rollup-facts.js';

const OWN: Record<CommitmentState, OwnCommitment> = {
  none: 'none',
  open: 'open',
  late: 'late',
  wrong: 'wrong',
  takenBack: 'taken-back',
  failed: 'failed',
  accepted: 'accepted',
  // Its sequence was taken out and posted again: in the new one there is nothing of ours.
  rolledBack: 'none',
};

/** The fields of a view that the contract alone decides. */
export type ChainPart = Pick<
  SequenceView,
  | 'posted'
  | 'accepted'
  | 'acceptedBlock'
  | 'round'
  | 'own'
  | 'ownRound'
  | 'unsettledRounds'
  | 'freeDepositWei'
  | 'neededDepositWei'
  | 'openCommitments'
  | 'maximumOpenCommitments'
>;

/** Says in the words of `decide` what the contract said. */
export function chainPartOfView(facts: SequenceFacts, accInputHash: string, miner: string): ChainPart {
  const own = OWN[facts.ownState ?? 'none'];
  const isAccepted = facts.acceptedRound !== 0;
  const ownFirst = facts.firstProver.toLowerCase() === miner.toLowerCase();
  return {
    posted: facts.posted && facts.accInputHash === accInputHash,
    accepted: !isAccepted ? 'none' : ownFirst || own === 'accepted' ? 'own' : 'other',
    acceptedBlock: isAccepted ? facts.acceptedBlock : null,
    round: roundOf(facts),
    own,
    ownRound: own === 'none' ? null : facts.ownRound,
    unsettledRounds: facts.failedRounds,
    freeDepositWei: facts.freeDeposit.toString(),
    neededDepositWei: (facts.minimumDeposit + facts.silencePenalty).toString(),
    openCommitments: facts.openCommitments,
    maximumOpenCommitments: facts.maximumOpenCommitments,
  };
}

/** The round that lives at the next block, or the accepted one. A lapsed round is no round: the next hash opens one. */
function roundOf(facts: SequenceFacts): Round | null {
  const start = facts.roundStart || facts.acceptedRound;
  if (start === 0) return null;
  const hashWindowEnd = start + facts.t1;
  if (facts.roundStart !== 0) return { start, hashWindowEnd, revealStart: facts.revealStart, end: facts.revealEnd };

  // Only for people: nothing is decided by the windows of a round that is over. R = max(S + T1, P + 1), E = R + T2.
  const { predecessorVerifiedBlock } = facts;
  if (predecessorVerifiedBlock === null) return { start, hashWindowEnd, revealStart: null, end: null };
  const revealStart = Math.max(hashWindowEnd, predecessorVerifiedBlock + 1);
  return { start, hashWindowEnd, revealStart, end: revealStart + facts.t2 };
}
