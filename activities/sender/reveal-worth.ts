import { ZeroAddress } from 'ethers';
import type { SequenceFacts } from '../chain/rollup-facts.js';
import { larger, smaller } from './amounts.js';
import type { SenderContext } from './sender-context.js';

/** What of a view the worth of a reveal hangs on. */
type RevealFacts = Pick<SequenceFacts, 'acceptedRound' | 'ownReward' | 'ownWeight'> & {
  terms: Pick<SequenceFacts['terms'], 'silenceShare'>;
};

const WHOLE_SHARE = 10_000n;
/** What a reveal uses besides transaction, calldata and verifier. */
const BOOKKEEPING_GAS = 200_000n;

/**
 * The most that a reveal may cost, in wei a gas: not more than it earns and saves, but always as much as a commit, and
 * never more than the settings allow. A pool of a token cannot be compared with gas: there only the settings count.
 *
 * @param fixedGas of transaction, calldata and verifier
 */
export async function revealFeeCap(
  { settings, assetOf }: Pick<SenderContext, 'settings' | 'assetOf'>,
  facts: RevealFacts,
  rollup: string,
  fixedGas: bigint,
): Promise<bigint> {
  const { commitFeeCapWei, revealFeeCapWei } = settings;
  if ((await assetOf(rollup)) !== ZeroAddress) return revealFeeCapWei;
  const perGas = revealWorth(facts) / (fixedGas + BOOKKEEPING_GAS);
  return smaller(revealFeeCapWei, larger(commitFeeCapWei, perGas));
}

/** What a reveal earns, and the penalty that it saves while nothing is accepted; in wei. */
function revealWorth({ acceptedRound, ownReward, ownWeight, terms }: RevealFacts): bigint {
  const penalty = acceptedRound === 0 ? (ownWeight * BigInt(terms.silenceShare)) / WHOLE_SHARE : 0n;
  return ownReward + penalty;
}
