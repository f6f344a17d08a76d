import type { Interface, Provider, TransactionRequest } from 'ethers';
import type { ChainRules } from './chain-rules.js';
import { rpcReason } from './rpc-reason.js';

/** Above an estimate, in percent: until it is mined the state it meets may change. */
const MARGIN_PERCENT = 10n;

export interface GasQuestion {
  /** Names the transaction in errors. */
  what: string;
  request: TransactionRequest & { from: string };
  /** Whose errors a refusal may hold. */
  errors: Interface;
  /** That the advice in a refusal names. */
  rollup?: string | undefined;
}

/**
 * Gas limit of a transaction: what the chain itself estimates, with a margin that never carries it over what the chain
 * allows.
 *
 * @throws Error naming the transaction, the gas it needs and what is allowed; or why the contract refuses it
 */
export async function gasLimitOf(
  { what, request, errors, rollup }: GasQuestion,
  provider: Provider,
  { transactionGas }: Pick<ChainRules, 'transactionGas'>,
): Promise<bigint> {
  let estimate: bigint;
  try {
    estimate = await provider.estimateGas(request);
  } catch (error) {
    const reason = rpcReason(error, errors, rollup);
    const allowed = /(?:exceeds allowance|gas cap)\D*(\d+)/i.exec(reason)?.[1];
    if (allowed !== undefined) throw tooMuchGas(what, `more than ${amount(BigInt(allowed))}`, transactionGas, error);
    throw new Error(`${what} is refused: ${reason}`, { cause: error });
  }
  if (estimate > transactionGas) throw tooMuchGas(what, amount(estimate), transactionGas);
  const withMargin = estimate + (estimate * MARGIN_PERCENT) / 100n;
  return withMargin < transactionGas ? withMargin : transactionGas;
}

function tooMuchGas(what: string, needed: string, allowed: bigint, cause?: unknown): Error {
  return new Error(
    `${what} needs ${needed} gas, and one transaction may have ${amount(allowed)} on this chain. Nothing of it was sent`,
    { cause },
  );
}

function amount(gas: bigint): string {
  return gas.toLocaleString('en-US');
}
