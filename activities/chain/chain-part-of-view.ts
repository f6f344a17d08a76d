import type { CommitmentState } from '../../contracts/abi.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { OwnCommitment, Round, SequenceView } from '../../domain/sequence-view.js';
import type { MinerPolicy } from '../../domain/miner-policy.js';
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
  | 'freeStakeWei'
  | 'reserveWei'
  | 'termsVersion'
  | 'offer'
  | 'limits'
  | 'rollbackBlock'
  | 'settingsBlock'
  | 'openCommitments'
  | 'maximumOpenCommitments'
>;

const WHOLE_SHARE = 10_000n;

/**
 * Says in the words of `decide` what the contract said, and what a commitment of a miner with this policy would mean there.
 * The offer's gas is not known here.
 */
export function chainPartOfView(
  facts: SequenceFacts,
  { firstBatch, accInputHash }: Pick<SequenceIdentity, 'firstBatch' | 'accInputHash'>,
  { reserveWei: wished, limits }: MinerPolicy,
): ChainPart {
  const { terms, rollbackFirstBatch, rollbackBlock } = facts;
  const own = OWN[facts.ownState ?? 'none'];
  const isAccepted = facts.acceptedRound !== 0;
  const reserve = wished > terms.minimumReserve ? wished : terms.minimumReserve;
  const takenOut = rollbackFirstBatch !== 0 && rollbackFirstBatch <= firstBatch;
  return {
    posted: facts.posted && facts.accInputHash === accInputHash,
    accepted: !isAccepted ? 'none' : own === 'accepted' ? 'own' : 'other',
    acceptedBlock: isAccepted ? facts.acceptedBlock : null,
    round: roundOf(facts),
    own,
    ownRound: own === 'none' ? null : facts.ownRound,
    unsettledRounds: facts.failedRounds,
    freeStakeWei: facts.freeStake.toString(),
    reserveWei: reserve.toString(),
    termsVersion: facts.termsVersion,
    offer: offerOf(facts, reserve),
    limits,
    rollbackBlock: takenOut ? rollbackBlock : null,
    settingsBlock: facts.settingsBlock === 0 ? null : facts.settingsBlock,
    openCommitments: facts.openCommitments,
    maximumOpenCommitments: facts.maximumOpenCommitments,
  };
}

function offerOf({ terms, tMinStart, pot, totalWeight }: SequenceFacts, reserve: bigint): ChainPart['offer'] {
  const worstShare = BigInt(Math.max(terms.silenceShare, terms.wrongProofShare));
  return {
    lossWei: ((reserve * worstShare) / WHOLE_SHARE).toString(),
    t1Blocks: terms.t1,
    t2Blocks: terms.t2,
    revealNotBefore: tMinStart + terms.tMin,
    rewardWei: ((pot * reserve) / (totalWeight + reserve)).toString(),
    gasCostWei: null,
  };
}

/** The accepted round, or the one that lives at the next block. A lapsed round is no round: the next hash opens one. */
function roundOf({ roundStart: start, revealStart, revealEnd: end, terms }: SequenceFacts): Round | null {
  return start === 0 ? null : { start, hashWindowEnd: start + terms.t1, revealStart, end };
}
