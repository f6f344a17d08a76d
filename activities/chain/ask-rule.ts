import { getBytes } from 'ethers';
import type { Statement } from '../../domain/proof.js';
import type { Hex } from '../../domain/sequence.js';
import { CallRevertedError, type ChainRpc } from './chain-rpc.js';
import type { CallBlock } from './endpoints/call-contract.js';
import { RULE, ZERO_HASH } from './rollup-directory.js';
import type { SequenceFacts } from './rollup-facts.js';

/** As `GuardedRule.RESERVE` of the contracts: what a reveal has in hand at least, besides the rule's gas. */
const RESERVE_GAS = 200_000n;

/** Gas of a reveal beside the verifier's own: calldata, bookkeeping, events. */
export const REVEAL_OVERHEAD_GAS = 400_000n;

/** A type rule, and the gas that it declares. */
export type RuleTerms = Pick<SequenceFacts['terms'], 'rule' | 'verificationGas'>;

/** A call of a rule's `verify`. */
export interface RuleQuestion {
  /** The rollup's contract: a rule might answer others otherwise. */
  from: string;
  to: string;
  data: string;
  /** What the rule declares, what the contract adds, and what the call takes before its first instruction. */
  gas: bigint;
}

/** Whether a final proof proves a statement, as a type rule is asked. */
export function ruleQuestion(
  { rule, verificationGas }: RuleTerms,
  statement: Statement,
  miner: string,
  proof: Uint8Array,
): RuleQuestion {
  const data = RULE.encodeFunctionData('verify', [{ ...statement, newLocalExitRoot: ZERO_HASH, miner }, proof]);
  return { from: statement.rollup, to: rule, data, gas: verificationGas + RESERVE_GAS + intrinsicGas(data) };
}

/** What a rule said. A generated verifier reverts on a bad proof. */
export interface RuleAnswer {
  /** Only where it answers just as the contract wants it. */
  isYes: boolean;
  /** With what it reverted, null where it answered. */
  revertData: Hex | null;
}

export async function askRule(rpc: Pick<ChainRpc, 'call'>, question: RuleQuestion, at: CallBlock): Promise<RuleAnswer> {
  try {
    const answer = await rpc.call(question, at);
    return { isYes: answer.length === ZERO_HASH.length && BigInt(answer) === 1n, revertData: null };
  } catch (error) {
    if (error instanceof CallRevertedError) return { isYes: false, revertData: error.data };
    throw error;
  }
}

/** Gas that a reveal with this data needs, with room: a rule whose figure is right is never short of it. */
export function revealGas({ verificationGas }: RuleTerms, data: string): bigint {
  // A call is given at most 63/64 of what is left (EIP-150).
  return (verificationGas * 64n) / 63n + RESERVE_GAS + REVEAL_OVERHEAD_GAS + intrinsicGas(data);
}

/** Gas that a transaction with this data uses before its first instruction, or by its bytes alone (EIP-7623). */
function intrinsicGas(data: string): bigint {
  const bytes = getBytes(data);
  const zeros = bytes.reduce((count, byte) => (byte === 0 ? count + 1 : count), 0);
  return 21_000n + BigInt(zeros * 4 + (bytes.length - zeros) * 16);
}
