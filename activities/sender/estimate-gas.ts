import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';
import type { EndpointPool } from '../chain/endpoints/endpoint-pool.js';
import type { Endpoint } from '../chain/endpoints/endpoint.js';
import { rpcAmount } from '../chain/endpoints/rpc-answers.js';
import { isRevert, revertData, RpcAnswerError } from '../chain/endpoints/rpc-errors.js';

/** A call without a gas limit. */
export interface CallToEstimate {
  from: string;
  to: string;
  data: string;
}

export type GasEstimate =
  | { gas: bigint }
  | { revertData: Hex }
  /** It needs more than the node lets a transaction have; in the node's words. */
  | { tooMuch: string };

/** How nodes say that no gas limit they allow is enough. */
const TOO_MUCH = /exceeds allowance|out of gas|gas too low|insufficient gas|exceeds block gas limit/i;

/**
 * Least gas limit with which a call succeeds in the next block, by the prices of the chain. Where a node knows no pending
 * block, in the newest one: a call whose window opens with the next block then reverts, and is asked for again there.
 *
 * @throws RpcUnavailableError if no endpoint answers
 */
export function estimateGasAtNext(pool: EndpointPool, call: CallToEstimate): Promise<GasEstimate> {
  return pool.attempt('eth_estimateGas', async (endpoint) => {
    try {
      return { gas: await estimate(endpoint, call) };
    } catch (error) {
      if (!(error instanceof RpcAnswerError)) throw error;
      if (isRevert(error) && !isOutOfGas(error)) return { revertData: revertData(error) };
      if (TOO_MUCH.test(error.message)) return { tooMuch: error.message };
      throw error;
    }
  });
}

function isAboutTheCall(error: RpcAnswerError): boolean {
  return TOO_MUCH.test(error.message) || isRevert(error);
}

function isOutOfGas(error: RpcAnswerError): boolean {
  return revertData(error) === '0x' && TOO_MUCH.test(error.message);
}

async function estimate(endpoint: Endpoint, call: CallToEstimate): Promise<bigint> {
  const ask = async (block: 'pending' | 'latest') =>
    rpcAmount.parse(await endpoint.send('eth_estimateGas', [call, block]));
  if (endpoint.lacks.has('pending block')) return ask('latest');
  try {
    return await ask('pending');
  } catch (error) {
    const mayBeALack = error instanceof z.ZodError || (error instanceof RpcAnswerError && !isAboutTheCall(error));
    if (!mayBeALack) throw error;
    return ask('latest');
  }
}
