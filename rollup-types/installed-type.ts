import type { InputMap } from '@noir-lang/noir_js';
import type { RollupType } from '../domain/rollup-type.js';
import type { Hex } from '../domain/sequence.js';
import type { DataLayout, NewTypeRule, RuleSample } from '../domain/type-rule.js';
import type { TypeSequencer } from '../domain/type-sequencer.js';

/** A rollup type with all that it brings for the parts of this installation. */
export interface InstalledType {
  type: RollupType;
  /** Which data a batch holds, if it is whole records of one length: what a rule for simulated proofs is made of. */
  layout: DataLayout;
  /** Its circuits and the contract that checks their proofs. */
  noir: NoirHalf;
  sequencer: TypeSequencer;
}

/** What a type brings to be proved with Noir. */
export interface NoirHalf {
  circuits: { sources: string; batchInputs(input: Uint8Array): InputMap };
  rule(options: NoirRuleOptions): NewTypeRule;
}

/** What the contracts that check Noir proofs are made of. */
export interface NoirRuleOptions {
  /** Solidity source of `HonkVerifier`, as Barretenberg generates it for the final circuit. */
  honkVerifierSource: string;
  /** Digest of circuits and keys. */
  circuitId: Hex;
  /** The trusted set-up is a generated one whose secret is public: local chains only. */
  developmentSetup: boolean;
  /** Bytes of a final proof. */
  proofLength: number;
  /** Gas that the verifier needs at least. Default: 1000000, half as much again as it takes. */
  verificationGas?: number;
  sample: RuleSample;
}
