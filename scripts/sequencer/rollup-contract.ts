import { Contract, type BaseContract, type ContractRunner, type EventLog, type Log } from 'ethers';
import type { Hex, PostedSequence, RollupRef } from '../../workflows/domain/sequence.js';

/** The part of `ZkPowRollup` that a sequencer uses, with the errors it may meet. */
const SEQUENCER_ABI = [
  'function sequenceBatches((bytes transactions, bytes32 globalExitRoot, uint64 timestamp, uint64 minForcedTimestamp)[] batches, address l2Coinbase)',
  'function sequencer() view returns (address)',
  'function rollupType() view returns (string)',
  'function launchBlock() view returns (uint64)',
  'event Genesis(bytes32 stateRoot, bytes data)',
  'event SequencePosted(uint64 indexed firstBatch, uint64 indexed lastBatch, bytes32 indexed accInputHash, uint256 reward)',
  'event SequenceRolledBack(uint64 indexed firstBatch, uint64 indexed lastBatch, bytes32 indexed accInputHash)',
  'error NotAllowed(address caller, address allowed)',
  'error RollupPaused()',
  'error RollbackUnderway()',
  'error TooManyBatches(uint256 batches, uint256 limit)',
  'error BatchDataLength(uint256 batchIndex, uint256 length, uint32 recordBytes, uint32 maxRecords)',
  'error BatchTimestamp(uint256 batchIndex, uint64 timestamp, uint64 earliest, uint64 latest)',
] as const;

export function sequencerContract(rollup: string, runner: ContractRunner): BaseContract {
  return new Contract(rollup, SEQUENCER_ABI, runner);
}

/** The sequence that a `SequencePosted` event tells of. */
export function postedSequence(rollup: RollupRef, event: EventLog): PostedSequence {
  const [firstBatch, lastBatch, accInputHash] = event.args.toArray();
  return {
    ...rollup,
    firstBatch: Number(firstBatch),
    lastBatch: Number(lastBatch),
    accInputHash,
    blockNumber: event.blockNumber,
    transactionHash: asHex(event.transactionHash),
  };
}

export function isEvent(log: EventLog | Log, name: string): log is EventLog {
  return 'eventName' in log && log.eventName === name;
}

export function asHex(text: string): Hex {
  return `0x${text.slice(2).toLowerCase()}`;
}
