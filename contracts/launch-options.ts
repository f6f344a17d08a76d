import { parseEther, ZeroAddress } from 'ethers';
import type { TypeRule } from '../domain/type-rule.js';
import type { Hex } from '../domain/sequence.js';

/** How a rollup is launched. Amounts are in wei, shares in basis points. */
export interface LaunchOptions {
  /** Name of the rollup type, as provers and aggregators know it. */
  rollupType: string;
  rule: TypeRule;
  /** May pause, propose settings and roll back. */
  admin: string;
  /** The only address that may post sequences. */
  sequencer: string;
  /** First state: its root, and what the rollup type needs to rebuild it. */
  genesis: { stateRoot: Hex; data: Hex };
  /** With the launching account, decides the rollup's address; each may be used once. Default: a random one. */
  salt?: Hex;
  /** For people, in the launch event. Default: none. */
  name?: string;
  /** Where more about the rollup can be read. Default: none. */
  metadataUri?: string;
  /**
   * Seconds between blocks, by which the contract makes blocks of all times here. Default: 12 on a local chain; on any
   * other as measured over its last blocks.
   */
  blockTimeSeconds?: number;
  /** T1: how long proofHashes are taken. Default: 240. */
  t1Seconds?: number;
  /** T2: how long proofs are taken. Default: 384. */
  t2Seconds?: number;
  /** Tmin: no reveal window opens sooner after a posting. Default: 600, on a local chain T1; never less than T1. */
  tMinSeconds?: number;
  /** Where compiled contracts are kept. Default: as `compileContracts` says. */
  cacheDirectory?: string;
  /** Lets T2 be under five minutes on a public chain. Default: false. */
  allowShortWindows?: boolean;
  /** Least that a commitment puts at risk. Default: 10 ether. */
  minimumReserve?: bigint;
  /** Part of its reserve that silence costs. Default: 1000, a tenth. */
  silenceShare?: number;
  /** Part of its reserve that a wrong proof costs. Default: 10000, all of it. */
  wrongProofShare?: number;
  /** Part of its share in time that a late proof still earns. Default: 2500, a quarter. */
  lateShare?: number;
  /** Default: 0.1 ether. */
  rewardPerSequence?: bigint;
  /** For each batch that holds something. Default: 0.01 ether. */
  rewardPerBatch?: bigint;
  /** Most that a sequence may be rewarded. Default: 1 ether. */
  rewardCap?: bigint;
  /** ERC-20 token of stakes and rewards. Default: the chain's own coin. */
  asset?: string;
  /** Time between an admin's proposal and its effect. Default: a week. */
  adminDelaySeconds?: number;
}

/** `Settings` of the contract. */
export interface LaunchSettings {
  blockTimeMs: number;
  t1Seconds: number;
  t2Seconds: number;
  tMinSeconds: number;
  silenceShare: number;
  wrongProofShare: number;
  lateShare: number;
  minimumReserve: bigint;
  rewardPerSequence: bigint;
  rewardPerBatch: bigint;
  rewardCap: bigint;
  rule: string;
}

const PUBLIC_T_MIN_SECONDS = 600;

/** The options with their defaults, as the contract takes them; the rule comes from the registered type. */
export function launchSettings(options: LaunchOptions, isLocal: boolean): LaunchSettings {
  const { t1Seconds = 240, t2Seconds = 384 } = options;
  return {
    blockTimeMs: Math.round((options.blockTimeSeconds ?? 12) * 1000),
    t1Seconds,
    t2Seconds,
    tMinSeconds: options.tMinSeconds ?? Math.max(t1Seconds, isLocal ? 0 : PUBLIC_T_MIN_SECONDS),
    silenceShare: options.silenceShare ?? 1_000,
    wrongProofShare: options.wrongProofShare ?? 10_000,
    lateShare: options.lateShare ?? 2_500,
    minimumReserve: options.minimumReserve ?? parseEther('10'),
    rewardPerSequence: options.rewardPerSequence ?? parseEther('0.1'),
    rewardPerBatch: options.rewardPerBatch ?? parseEther('0.01'),
    rewardCap: options.rewardCap ?? parseEther('1'),
    rule: ZeroAddress,
  };
}

export const DEFAULT_ADMIN_DELAY_SECONDS = 7 * 24 * 3600;
