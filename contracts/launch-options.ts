import { parseEther, ZeroAddress } from 'ethers';
import type { Hex } from '../workflows/domain/sequence.js';

/** Which data a batch of a rollup type may hold. */
export interface DataRule {
  recordBytes: number;
  maxRecords: number;
  /** Length to which a batch's data is padded with zero bytes before it is hashed. */
  paddedBytes: number;
}

/** Batches of rollup type `transfers`: 0 to 8 records of 160 bytes. */
export const TRANSFERS_DATA_RULE: DataRule = { recordBytes: 160, maxRecords: 8, paddedBytes: 1280 };

/** Who checks the proofs of a rollup type. */
export type TypeVerifier =
  | { kind: 'simulated' }
  | {
      kind: 'noir';
      /** Solidity source of `HonkVerifier`, as Barretenberg generates it for the final circuit. */
      honkVerifierSource: string;
      /** Digest of circuits and keys. */
      circuitId: Hex;
      /** The trusted set-up is a generated one whose secret is public: local chains only. */
      developmentSetup: boolean;
      /** Bytes of a final proof. Default: 10304, a circuit of 2^20 gates. */
      proofLength?: number;
      /** Gas that a call of the verifier is given. Default: 1500000, nearly twice what it takes. */
      verifierGas?: number;
    }
  | { kind: 'deployed'; /** A contract with `IStatementVerifier`'s functions. */ address: string };

/** How a rollup is launched. Amounts are in wei, windows and delays in blocks. */
export interface LaunchOptions {
  /** Name of the rollup type, as provers and aggregators know it. */
  rollupType: string;
  verifier: TypeVerifier;
  /** Default: that of `transfers`. */
  dataRule?: DataRule;
  /** May pause, propose settings and roll back. */
  admin: string;
  /** The only address that may post sequences. */
  sequencer: string;
  /** First state: its root, and what the rollup type needs to rebuild it. */
  genesis: { stateRoot: Hex; data: Hex };
  /**
   * Seconds between blocks; T1 and T2 are scaled by it when they are not given. Default: 12 on a local chain; on any
   * other as measured over its last blocks.
   */
  blockTimeSeconds?: number;
  /** Blocks in which proofHashes are taken. Default: 20 blocks of 12 s, scaled. */
  t1?: number;
  /** Blocks in which proofs are taken. Default: 32 blocks of 12 s, scaled. */
  t2?: number;
  /** Where compiled contracts are kept. Default: as `compileContracts` says. */
  cacheDirectory?: string;
  /** Lets T2 be under five minutes on a public chain. Default: false. */
  allowShortWindows?: boolean;
  /** Default: 1 ether. */
  silencePenalty?: bigint;
  /** Default: 10 ether. */
  wrongProofPenalty?: bigint;
  /** Free deposit that a miner needs beside what its commitments reserve. Default: 50 ether. */
  minimumDeposit?: bigint;
  /** Default: 0.1 ether. */
  rewardPerSequence?: bigint;
  /** For each batch that is not empty. Default: 0.01 ether. */
  rewardPerBatch?: bigint;
  /** Most that a sequence may be rewarded. Default: 1 ether. */
  rewardCap?: bigint;
  /** ERC-20 token of deposits and rewards. Default: the chain's own coin. */
  asset?: string;
  /** Blocks between asking for a deposit back and getting it. Default: 50400, a week of 12 s blocks. */
  withdrawalDelayBlocks?: number;
  /** Blocks between an admin's proposal and its effect. Default: 50400. */
  adminDelayBlocks?: number;
  /** Blocks in which the shares of late proofs stay set aside. Default: 50400. */
  lateRewardBlocks?: number;
}

/** `Settings` of the contract. */
export interface LaunchSettings {
  t1: number;
  t2: number;
  silencePenalty: bigint;
  wrongProofPenalty: bigint;
  minimumDeposit: bigint;
  rewardPerSequence: bigint;
  rewardPerBatch: bigint;
  rewardCap: bigint;
  verifier: string;
}

/** The options with their defaults, as the contract takes them; the verifier comes from the registered type. */
export function launchSettings(options: LaunchOptions): LaunchSettings {
  const blockTimeSeconds = options.blockTimeSeconds ?? 12;
  return {
    t1: options.t1 ?? scaledBlocks(20, blockTimeSeconds),
    t2: options.t2 ?? scaledBlocks(32, blockTimeSeconds),
    silencePenalty: options.silencePenalty ?? parseEther('1'),
    wrongProofPenalty: options.wrongProofPenalty ?? parseEther('10'),
    minimumDeposit: options.minimumDeposit ?? parseEther('50'),
    rewardPerSequence: options.rewardPerSequence ?? parseEther('0.1'),
    rewardPerBatch: options.rewardPerBatch ?? parseEther('0.01'),
    rewardCap: options.rewardCap ?? parseEther('1'),
    verifier: ZeroAddress,
  };
}

/** As many blocks as `blocks` of 12 seconds take, at least one. */
export function scaledBlocks(blocks: number, blockTimeSeconds: number): number {
  return Math.max(1, Math.ceil((blocks * 12) / blockTimeSeconds));
}
