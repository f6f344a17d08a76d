import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import type { SequenceIdentity } from './sequence.js';

/**
 * What workflows can be searched for in the Temporal UI. A server must know them before a workflow sets them: the start
 * script registers all of them in every namespace it makes.
 */
export const SEARCH_ATTRIBUTES = {
  /** Address of the rollup's contract. */
  rollup: defineSearchAttributeKey('ZkpowRollup', 'KEYWORD'),
  /** EIP-155 id of the base chain; a keyword, since Temporal's SQL visibility has room for three numbers only. */
  chain: defineSearchAttributeKey('ZkpowChain', 'KEYWORD'),
  firstBatch: defineSearchAttributeKey('ZkpowFirstBatch', 'INT'),
  lastBatch: defineSearchAttributeKey('ZkpowLastBatch', 'INT'),
  /** What the sequence is at: proving, committing, waiting, revealing or how it ended. */
  stage: defineSearchAttributeKey('ZkpowStage', 'KEYWORD'),
  /** Block that opened the round which is under way. */
  round: defineSearchAttributeKey('ZkpowRound', 'INT'),
  /** Address of the miner. */
  miner: defineSearchAttributeKey('ZkpowMiner', 'KEYWORD'),
} as const;

/** The attributes that a sequence's workflow starts with. */
export function sequenceSearchAttributes(sequence: SequenceIdentity, miner: string): SearchAttributePair[] {
  return [
    { key: SEARCH_ATTRIBUTES.rollup, value: sequence.rollup },
    { key: SEARCH_ATTRIBUTES.chain, value: String(sequence.chainId) },
    { key: SEARCH_ATTRIBUTES.firstBatch, value: sequence.firstBatch },
    { key: SEARCH_ATTRIBUTES.lastBatch, value: sequence.lastBatch },
    { key: SEARCH_ATTRIBUTES.stage, value: 'proving' },
    { key: SEARCH_ATTRIBUTES.miner, value: miner },
  ];
}
