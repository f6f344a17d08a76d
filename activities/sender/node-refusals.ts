import { parseEther } from 'ethers';

/** What a node's words about signed bytes mean to a sender. */
export type NodeRefusal =
  /** It is in the node's pool already. */
  | { kind: 'known' }
  /**
   * It may cost more in all than the node lets a transaction cost (go-ethereum, Erigon and reth: `--rpc.txfeecap`, 1 coin
   * by default; Besu: `--rpc-tx-feecap`). `capWei` is a cost that fits, null where the node does not name its cap.
   */
  | { kind: 'over-fee-cap'; capWei: bigint | null }
  /** Another transaction of the same nonce is in the pool and pays nearly as much, or more. */
  | { kind: 'replacement-underpriced' }
  /** It pays less than the pool takes now. `leastTipWei`: null where the node does not name it. */
  | { kind: 'underpriced'; leastTipWei: bigint | null }
  | { kind: 'other' };

// The clients' own words; no code of JSON-RPC tells these apart.
const KNOWN = /already (known|imported)|known transaction|same hash|AlreadyKnown|AlreadyImported/i;
const FEE_CAP = /exceeds the configur\w+ cap|transaction fee cap exceeded/i;
const NAMED_CAP = /cap \((\d+(?:\.\d{1,18})?) /i;
const REPLACEMENT =
  /replacement (transaction|fee)|ReplacementNotAllowed|OwnNonceAlreadyUsed|could not replace|another (transaction|tx).* same nonce/i;
const UNDERPRICED = /underpriced|FeeTooLow|fee too low|(gas|tip|priority)[ \w]*(price|cap|fee)[ \w]*(below|too low)/i;
/** The base fee has risen: the next head says how far, and the offer follows it. */
const BELOW_BASE_FEE = /(less than|below)[ \w]* base fee/i;
const LEAST_TIP = /minimum needed (\d+)/i;

/** The cap is named with two decimals. */
const ROUNDED_BY_WEI = parseEther('0.005');

/** @param message as the node gave it */
export function readNodeRefusal(message: string): NodeRefusal {
  if (KNOWN.test(message)) return { kind: 'known' };
  if (FEE_CAP.test(message)) return { kind: 'over-fee-cap', capWei: namedCapWei(message) };
  if (REPLACEMENT.test(message)) return { kind: 'replacement-underpriced' };
  if (UNDERPRICED.test(message) && !BELOW_BASE_FEE.test(message)) {
    const [, leastTip] = LEAST_TIP.exec(message) ?? [];
    return { kind: 'underpriced', leastTipWei: leastTip === undefined ? null : BigInt(leastTip) };
  }
  return { kind: 'other' };
}

function namedCapWei(message: string): bigint | null {
  const [, coins] = NAMED_CAP.exec(message) ?? [];
  if (coins === undefined) return null;
  const named = parseEther(coins);
  return named > ROUNDED_BY_WEI ? named - ROUNDED_BY_WEI : null;
}
