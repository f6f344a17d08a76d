import type { Hex, SequenceIdentity } from './sequence.js';
import type { StepInFlight } from './sequence-view.js';

/** A step of a sequence: never a transaction, never a proof, only what names them. */
export interface StepRequest {
  sequence: SequenceIdentity;
  tryNumber: number;
}

/** A step about one particular round. */
export interface RoundStepRequest extends StepRequest {
  /** Start block of the round. */
  round: number;
}

/** How a step's transaction ended. */
export interface StepOutcome {
  /** `cancelled`: the step had become useless and its nonce was used by a no-op, or it was never broadcast. */
  result: 'mined' | 'reverted' | 'cancelled';
  transactionHash: Hex | null;
  blockNumber: number | null;
  gasUsed: string | null;
}

/**
 * The Proof Sender; runs on `sender/<chain>/<address>`, polled by the wallet's one leader. Long, heartbeating. A
 * request handed out again finds its own rows and goes on where it was: no step is ever sent twice.
 */
export interface SenderActivities {
  /** Step 1: commits to the stored final proof. */
  submitProofHash(request: StepRequest): Promise<StepOutcome>;
  /** Step 2: reveals the stored final proof. */
  submitProof(request: StepRequest & { round: number | null }): Promise<StepOutcome>;
  /** Books the penalty of a failed round, so that it no longer holds deposit. */
  settleRound(request: RoundStepRequest): Promise<StepOutcome>;
  /** Takes a hash back while the predecessor is unverified. */
  takeBackProofHash(request: RoundStepRequest): Promise<StepOutcome>;
  /** Replaces a pending step by a no-op at its nonce; returns how the step ended after all. */
  cancelStep(request: { sequence: SequenceIdentity; step: StepInFlight }): Promise<StepOutcome>;
}
