import { isCallException, isError, type Interface } from 'ethers';
import { z } from 'zod';
import { describeRevert } from './describe-error.js';

const rpcError = z.object({ message: z.string() });
/** Where ethers keeps what the endpoint said. */
const withAnswer = z.object({
  error: rpcError.optional().catch(undefined),
  info: z.object({ error: rpcError }).optional().catch(undefined),
});
const ethersError = withAnswer.extend({ shortMessage: z.string() });

/** Longer ones hold a whole transaction. */
const LONGEST = 300;

/**
 * Why a request failed, in the words of the contract or of the endpoint. Messages of ethers hold whole transactions, with
 * all their data: they are never shown.
 *
 * @param contract whose errors the answer may hold
 * @param rollup that the advice names
 */
export function rpcReason(error: unknown, contract?: Interface, rollup?: string): string {
  if (contract && isCallException(error) && error.data !== null && error.data.length >= 10) {
    return describeRevert(contract, error.data, rollup);
  }
  const known = ethersError.safeParse(error);
  if (!known.success) return cut(error instanceof Error ? error.message : String(error));
  const { shortMessage, error: direct, info } = known.data;
  const said = direct?.message ?? info?.error.message;
  if (said === undefined) return cut(shortMessage);
  const adds = shortMessage !== 'could not coalesce error' && !said.includes(shortMessage);
  return cut(adds ? `${shortMessage}: ${said}` : said);
}

/** Whether an endpoint answered, and said no; otherwise nobody knows what became of the request. */
export function isRpcRefusal(error: unknown): boolean {
  if (isError(error, 'NETWORK_ERROR') || isError(error, 'TIMEOUT') || isError(error, 'SERVER_ERROR')) return false;
  const known = withAnswer.safeParse(error);
  return known.success && (known.data.error ?? known.data.info?.error) !== undefined;
}

/** Words by which nodes refuse a transaction for good; after others it may have been taken all the same. */
const REFUSED_FOR_GOOD =
  /insufficient funds|nonce (is )?too low|configured cap|underpriced|gas limit|intrinsic gas|fee (is )?too low|less than block base fee|oversized|too (large|big)|size limit|invalid (sender|signature|chain)|not supported|revert/i;

/** Whether an endpoint has said of signed bytes that it does not take them, so that nobody will mine them. */
export function isRefusedForGood(error: unknown): boolean {
  return isRpcRefusal(error) && REFUSED_FOR_GOOD.test(rpcReason(error));
}

function cut(text: string): string {
  const line = text.replace(/0x[0-9a-fA-F]{129,}/g, (data) => `${data.slice(0, 10)}…`);
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}
