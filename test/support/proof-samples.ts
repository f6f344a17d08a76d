import type { Statement } from '../../domain/proof.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';

/** 32 bytes that hold a small number. */
export function word32(value: number): Hex {
  return `0x${value.toString(16).padStart(64, '0')}`;
}

export const SAMPLE_MINER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';
const ROLLUP = { chainId: 31337, rollup: '0x5FbDB2315678afecb367f032d93F642f64180aa3' };

/** A sequence and what a proof of it says; batch n moves state n-1 to n. */
export function sampleStatement(firstBatch: number, lastBatch: number): Statement {
  return {
    ...ROLLUP,
    firstBatch,
    lastBatch,
    oldStateRoot: word32(firstBatch - 1),
    newStateRoot: word32(lastBatch),
    oldAccInputHash: word32(1000 + firstBatch - 1),
    newAccInputHash: word32(1000 + lastBatch),
  };
}

export function sampleSequence(firstBatch: number, lastBatch: number): SequenceIdentity {
  return { ...ROLLUP, firstBatch, lastBatch, accInputHash: word32(1000 + lastBatch) };
}
