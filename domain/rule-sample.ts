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
