import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What workflows can be searched for in the Temporal UI. A server must know them before a workflow sets them: the start
 * script registers all of them in every namespace it makes.
 */
export const SEARCH_ATTRIBUTES = {
  /** Address of the rollup's contract. */
  rollup: defineSearchAttributeKey('ZkpowRollup', 'KEYWORD'),
  /** EIP-155 id of the base chain. */
  chain: defineSearchAttributeKey('ZkpowChain', 'INT'),
  firstBatch: defineSearchAttributeKey('ZkpowFirstBatch', 'INT'),
  lastBatch: defineSearchAttributeKey('ZkpowLastBatch', 'INT'),
  /** What the sequence is at: proving, committing, waiting, revealing or how it ended. */
  stage: defineSearchAttributeKey('ZkpowStage', 'KEYWORD'),
  /** Block that opened the round which is under way. */
  round: defineSearchAttributeKey('ZkpowRound', 'INT'),
  /** Address of the miner. */
  miner: defineSearchAttributeKey('ZkpowMiner', 'KEYWORD'),
} as const;
