import type { RollupRef, SequenceIdentity } from './sequence.js';

/** What a mining machine is good at; part of its queue's name. */
export type HardwareClass = 'cpu' | 'gpu';

/** Queue of the aggregator: workflows, planning and checking of proofs. */
export const AGGREGATOR_QUEUE = 'aggregator';

/** Queue of the one reader of a base chain: short reads, which may decide a reveal. */
export function chainQueue(chainId: number): string {
  return `chain/${chainId}`;
}

/** Queue of the same reader for long waits: however many there are, they never take a read's place. */
export function chainWaitsQueue(chainId: number): string {
  return `chain-waits/${chainId}`;
}

/** Queue of the prover machines of one class for one rollup type. */
export function proverQueue(rollupType: string, hardwareClass: HardwareClass): string {
  return `prove/${rollupType}/${hardwareClass}`;
}

/** Queue of one wallet on one base chain: only its leading sender polls it. */
export function senderQueue(chainId: number, miner: string): string {
  return `sender/${chainId}/${miner}`;
}

/** The workflow that follows one rollup. */
export function rollupWorkflowId({ chainId, rollup }: RollupRef): string {
  return `rollup/${chainId}/${rollup}`;
}

/** The workflow of one sequence: its id is the sequence's identity, so one sequence never has two. */
export function sequenceWorkflowId({ chainId, rollup, firstBatch, lastBatch, accInputHash }: SequenceIdentity): string {
  return `sequence/${chainId}/${rollup}/${firstBatch}-${lastBatch}/${accInputHash.slice(2, 10)}`;
}

/** How a sender tells a sequence's workflow what holds the step up that it waits for; null: nothing any more. */
export const STEP_HELD_UP_SIGNAL = 'stepHeldUp';
