import type { StageManifest } from './stage-manifest.js';
import type { ProofKind } from './proof.js';
import type { Hex, PostedSequence, RollupRef, SequenceIdentity } from './sequence.js';
import type { BlockRef, SequenceView } from './sequence-view.js';

/** What a rollup's contract says of itself, and how its type wants to be proved. */
export interface RollupDescription {
  rollupType: string;
  /** Proof system of the rollup's verifier, as `noir`. */
  proofSystem: string;
  stages: Record<ProofKind, StageManifest>;
  /** The rollup's share of busy machines against that of others, which is 1 where it is not given. */
  weight?: number;
}

export interface WaitForSequencesRequest extends RollupRef {
  /** First batch this miner takes part in. */
  startBatch: number;
  /** The last sequence already handed out, or null at the start. */
  after: { lastBatch: number; accInputHash: Hex } | null;
  /** Upper bound of sequences that are posted, handed out and not yet verified. */
  maxOpenSequences: number;
}

export interface ReadSequenceViewRequest {
  sequence: SequenceIdentity;
  miner: string;
  /** Head of the last view that was used: a lower one is stale unless that block has left the chain. */
  lastUsed: BlockRef | null;
}

export interface WaitForChangeRequest extends ReadSequenceViewRequest {
  /** `viewFingerprint` of the view that led to the wait. */
  fingerprint: string;
  /** Resolve as soon as this is the next block (head ≥ untilBlock - 1); null for no such bound. */
  untilBlock: number | null;
}

/**
 * Reading the base chain, one reader for all rollups of a chain: short reads run on `chain/<id>`, waits on
 * `chain-waits/<id>`. A wait that is asked for on `chain/<id>` looks once and returns: it must not take a read's place.
 */
export interface ChainActivities {
  describeRollup(rollup: RollupRef): Promise<RollupDescription>;
  /**
   * Long, heartbeating. Resolves with the sequences that follow `after`, oldest first, as soon as there is one and
   * fewer than `maxOpenSequences` are open. Where `after` has left the chain, begins again at the lowest unverified
   * sequence: those that run already are found to be running. Asked for on `chain/<id>`, it may find none.
   */
  waitForSequences(request: WaitForSequencesRequest): Promise<PostedSequence[]>;
  /** Reads all that `decide` needs, the chain's part in one contract call pinned to one block. */
  readSequenceView(request: ReadSequenceViewRequest): Promise<SequenceView>;
  /** Long, heartbeating. Resolves when the view's fingerprint differs from the given one, or at `untilBlock`. */
  waitForChange(request: WaitForChangeRequest): Promise<void>;
  /** Expected time until `block` is the next block, from the median of recent block times; 0 when it is already. */
  expectedTimeUntilBlock(request: { chainId: number; block: number }): Promise<{ head: number; timeMs: number }>;
}
