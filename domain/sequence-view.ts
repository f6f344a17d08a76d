import { limitReached, type MinerLimits, type Offer } from './miner-limits.js';
import type { Hex } from './sequence.js';

/** A block as the reader saw it. */
export interface BlockRef {
  number: number;
  hash: Hex;
}

/**
 * One try at a sequence. Block numbers; a hash counts in `[start, revealStart)`, a proof in `[revealStart, end)`.
 * While the predecessor is not verified, the reveal window has no beginning and no end: both are null.
 */
export interface Round {
  /** S: block of the first proofHash. */
  start: number;
  /** S + T1: from here on a hash may be taken back while the predecessor is unverified. */
  hashWindowEnd: number;
  /** R = max(S + T1, P + 1, A + Tmin), A being the posting or the end of a pause before the round; null while the predecessor is unverified. */
  revealStart: number | null;
  /** E = R + T2, or null while the predecessor is unverified. */
  end: number | null;
}

/** What became of our own commitment in the accepted round, or else in the current one. */
export type OwnCommitment =
  | 'none'
  | 'open'
  /**
   * Another's proof was accepted in its round: nothing can be lost any more. Revealed before E the proof shares the pot in
   * full, later it earns a part of that.
   */
  | 'late'
  /** Our reveal did not verify. */
  | 'wrong'
  | 'taken-back'
  /** Nothing was accepted in its round. */
  | 'failed'
  | 'accepted';

/** A transaction that moves a sequence on. */
export type Step = 'commit' | 'reveal' | 'settle' | 'take-back';

/** A step that was broadcast and is not mined in the view's chain. */
export interface StepInFlight {
  step: Step;
  tryNumber: number;
  /** Start block of the round that a reveal, settle or take-back is about; null for a commit. */
  round: number | null;
}

/**
 * All that `decide` looks at: what the chain says of a sequence and of us at one block, and what our own rows say.
 * JSON-safe: block numbers are numbers, amounts are decimal strings in wei.
 */
export interface SequenceView {
  /** Head of the chain at which everything was read. The first block a transaction can land in is `head.number + 1`. */
  head: BlockRef;
  /** Lower than the last view used, whose block is still in the chain: an endpoint that lags. */
  stale: boolean;
  /** False when the sequence is not on the chain, or another one stands in its place. */
  posted: boolean;
  /** Whether `posted === false` is older than the confirmation depth. */
  absenceFinal: boolean;
  accepted: 'none' | 'own' | 'other';
  /** Whether the acceptance is older than the confirmation depth. */
  acceptedFinal: boolean;
  /** Block of the first acceptance, null while there is none. */
  acceptedBlock: number | null;
  /** The newest round, also when its end has passed without an acceptance; null before the first. */
  round: Round | null;
  own: OwnCommitment;
  /** Start block of the round that `own` is about; null when `own` is `none`. */
  ownRound: number | null;
  /** Start blocks of our failed rounds whose penalty is not booked yet. */
  unsettledRounds: number[];
  /** Stake that a commitment here may reserve: free, and within the cap that the miner set for the rollup. */
  freeStakeWei: string;
  /** What our commitment would reserve: as the miner wishes, at least the round's minimum. */
  reserveWei: string;
  /** Version of the terms that the round has, or would have: a commitment names it and lands under no other. */
  termsVersion: number;
  offer: Offer;
  limits: MinerLimits;
  /** First block in which a roll back that is announced may take this sequence out; null where none would. */
  rollbackBlock: number | null;
  /** First block in which settings that are announced may be put in force; null where none are. */
  settingsBlock: number | null;
  /** Our commitments with this rollup that have not ended, of all its sequences. */
  openCommitments: number;
  /** Most of them that the contract takes of one miner. */
  maximumOpenCommitments: number;
  /** By the contract's admin: no round can be opened. By the miner's operator: nothing new is committed. */
  paused: 'no' | 'contract' | 'operator';
  finalProofStored: boolean;
  /** Whether keccak256(keccak256(stored proof) ++ miner) is the hash we committed to. */
  storedProofMatchesOwnHash: boolean;
  /**
   * What the round's type rule says of the stored proof, with the gas that the contract gives it; asked only where a commit
   * or a take-back may be due.
   */
  verifierSays: 'yes' | 'no' | 'not-asked';
  /**
   * False while the round's type rule refuses a proof, of whatever rollup, that our own check took: something is wrong with
   * the rule or the chain. Asked only where `verifierSays` may be.
   */
  typeTrusted: boolean;
  /** What the reveal returns when simulated at the next block; asked only where a reveal may be due. */
  simulatedReveal: 'accepted' | 'not-accepted' | 'not-asked';
  inFlight: StepInFlight | null;
  /** Number that the next new step of each kind takes. */
  nextTry: number;
  /**
   * Unverified sequences of the rollup before this one, as far as postings were read: nothing is decided by it. Absent in
   * views that older versions read.
   */
  sequencesAhead?: number;
  /** Rounds of ours that failed one after the other, up to now. */
  failedRoundsInARow: number;
  /** Blocks that must be left before R for a new commit. */
  marginBlocks: number;
  /**
   * Of a proof that comes after another's: what its reveal would be paid now is more than its gas costs; in a pool of a
   * token: it would be paid at all.
   */
  lateRevealWorthItsGas: boolean;
}

/** Whether the free stake covers the reserve of one more commitment. */
export function stakeSuffices({
  freeStakeWei,
  reserveWei,
}: Pick<SequenceView, 'freeStakeWei' | 'reserveWei'>): boolean {
  return BigInt(freeStakeWei) >= BigInt(reserveWei);
}

/**
 * The part of a view that a decision can hang on besides the mere passing of blocks: while it stays the same, only
 * the block number can change what `decide` says. Of the verifier's answer only a refusal counts: who waits for it to go
 * has to hear of it; whether it was asked at all follows from the rest. Of amounts that change all the time (one stake
 * serves all rollups, gas has another price in every block) only what they lead to counts.
 */
export function viewFingerprint(view: SequenceView): string {
  const { head: _head, stale: _stale, simulatedReveal: _simulated, sequencesAhead: _ahead, ...others } = view;
  const { verifierSays, typeTrusted, freeStakeWei: _stake, offer, ...facts } = others;
  return JSON.stringify({
    ...facts,
    stakeSuffices: stakeSuffices(view),
    limitReached: limitReached(view.limits, offer),
    ...(verifierSays === 'no' && { verifierSays }),
    ...(!typeTrusted && { typeTrusted }),
  });
}
