import { Contract, type BaseContract, type ContractRunner, type EventLog, type Log } from 'ethers';
import { z } from 'zod';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex, PostedSequence, RollupRef } from '../../workflows/domain/sequence.js';

export function rollupContract(rollup: string, runner: ContractRunner): BaseContract {
  return new Contract(rollup, ROLLUP_ABI, runner);
}

const sequencePostedArguments = z.tuple([z.bigint(), z.bigint(), z.string(), z.bigint()]);

/** The sequence that a `SequencePosted` event tells of. */
export function postedSequence(rollup: RollupRef, event: EventLog): PostedSequence {
  const [firstBatch, lastBatch, accInputHash] = sequencePostedArguments.parse(event.args.toArray());
  return {
    ...rollup,
    firstBatch: Number(firstBatch),
    lastBatch: Number(lastBatch),
    accInputHash: asHex(accInputHash),
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
