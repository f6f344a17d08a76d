import { Contract, Interface, type BaseContract, type ContractRunner, type EventLog, type Log } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex, PostedSequence, RollupRef } from '../../domain/sequence.js';

export function rollupContract(rollup: string, runner: ContractRunner): BaseContract {
  return new Contract(rollup, ROLLUP_ABI, runner);
}

const ROLLUP = new Interface(ROLLUP_ABI);
const sequencePostedArguments = z.tuple([z.bigint(), z.bigint(), z.string(), z.bigint()]);

/** The sequence that a `SequencePosted` event tells of. */
export function postedSequence(rollup: RollupRef, log: Log): PostedSequence {
  const [firstBatch, lastBatch, accInputHash] = sequencePostedArguments.parse(
    ROLLUP.decodeEventLog('SequencePosted', log.data, log.topics).toArray(),
  );
  return {
    ...rollup,
    firstBatch: Number(firstBatch),
    lastBatch: Number(lastBatch),
    accInputHash: asHex(accInputHash),
    blockNumber: log.blockNumber,
    transactionHash: asHex(log.transactionHash),
  };
}

export function isEvent(log: EventLog | Log, name: string): log is EventLog {
  return 'eventName' in log && log.eventName === name;
}

export function asHex(text: string): Hex {
  return `0x${text.slice(2).toLowerCase()}`;
}
