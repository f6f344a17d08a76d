/** What a final proof says; `Statement` of the contracts. */
export interface RuleStatement {
  chainId: bigint;
  rollup: string;
  firstBatch: bigint;
  lastBatch: bigint;
  oldStateRoot: string;
  newStateRoot: string;
  oldAccInputHash: string;
  newAccInputHash: string;
  newLocalExitRoot: string;
  miner: string;
}

/** A statement and a right proof of it, by which a type rule shows at its registration that it works. */
export interface RuleSample {
  statement: RuleStatement;
  proof: Uint8Array;
}

/** Which data a batch may hold: as `PaddedRecords` of the contracts reads it. */
export interface DataLayout {
  recordBytes: number;
  maxRecords: number;
  /** Length to which a batch's data is padded with zero bytes before it is hashed. */
  paddedBytes: number;
}

/** A contract of a type rule, created in a transaction of its own. */
export interface RuleContract {
  /** Of the project's own, or one of `sources`. */
  name: string;
  args: unknown[];
}

/** A type rule that is created before it is registered. */
export interface NewTypeRule {
  kind: 'new';
  /** In the order of their creation; a second one takes the first's address before its arguments, and is the rule. */
  contracts: readonly RuleContract[];
  /** Solidity sources beside the project's own, by the names of their contracts. */
  sources: Readonly<Record<string, string>>;
  /** Why it is refused on chains that are not local; null where it is for all. */
  localOnly: string | null;
  sample: RuleSample;
}

/** Who checks the data and the proofs of a rollup type, and the sample by which it is registered. */
export type TypeRule =
  | NewTypeRule
  | { kind: 'deployed'; /** A contract with `ITypeRule`'s functions. */ address: string; sample: RuleSample };
