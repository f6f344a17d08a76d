import type { SequenceOutcome } from '../../domain/decide.js';
import type { ProofKind } from '../../domain/proof.js';
import type { Deployment } from '../../local-stack/mining/deployment-file.js';
import type { Phase } from '../../local-stack/mining/stopwatch.js';

/** What the demo has to show, as `--json` writes it. Gas in decimal strings, blocks as numbers. */
export interface DemoReport {
  rpcUrl: string;
  chainId: number;
  temporalAddress: string;
  /** Of the web UI; null where Temporal was not started by the demo. */
  temporalUi: string | null;
  temporalNamespace: string;
  databaseUrl: string;
  rollup: string;
  /** Contract that verified the proofs. */
  rule: string;
  pool: string;
  miner: string;
  /** Proof system of the proofs. */
  prover: string;
  /** Of the type rule: `development`, `real`, or `none` for simulated proofs. */
  trustedSetup: Deployment['trustedSetup'];
  t1Blocks: number;
  t2Blocks: number;
  sequences: SequenceReport[];
  /** Where the time went, in order. */
  phases: Phase[];
  seconds: number;
}

export interface ProofReport {
  kind: ProofKind;
  /** First and last batch that it covers. */
  from: number;
  to: number;
  /** Machine time that it took. */
  seconds: number;
}

export interface SequenceReport {
  firstBatch: number;
  lastBatch: number;
  workflowId: string;
  /** After the sequence, as the contract has it. */
  stateRoot: string;
  /** After the sequence, as a replay of the posted data has it. */
  replayedStateRoot: string;
  /** S: block that opened the round. */
  roundBlock: number;
  /** R and E: proofHashes in [S, R), proofs in [R, E). */
  revealStart: number;
  revealEnd: number;
  postedBlock: number;
  hashTx: string;
  hashBlock: number;
  proofTx: string;
  proofBlock: number;
  /** Of both transactions. */
  gasUsed: string;
  hashGasUsed: string;
  proofGasUsed: string;
  proofs: ProofReport[];
  outcome: SequenceOutcome;
  /** What the accepted proof earned, in wei; booked from block `revealEnd` on. */
  rewardWei: string;
}
