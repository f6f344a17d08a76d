import { toQuantity } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../../domain/sequence.js';
import { NotUsableError } from './endpoint-choice.js';
import type { EndpointPool } from './endpoint-pool.js';
import type { Endpoint } from './endpoint.js';
import { header, lowerHex } from './rpc-answers.js';
import { isRevert, RpcAnswerError } from './rpc-errors.js';

/** Parameters of `eth_call`, as JSON-RPC has them. */
export interface CallParams {
  to: string;
  data: string;
  from?: string;
  gas?: string;
}

/** The state that a call is made on. `pending`: that of the block which comes next. */
export type CallBlock = { blockHash: Hex } | 'pending' | 'latest';

/**
 * Calls a contract. Where a node knows no calls by block hash, the block's number is used and its hash compared before and
 * after; where it knows no pending block, the newest state with the number of the next block.
 *
 * @throws RpcAnswerError if the contract reverts, RpcUnavailableError if no endpoint answers
 */
export function callContract(pool: EndpointPool, call: CallParams, at: CallBlock): Promise<Hex> {
  return pool.attempt('eth_call', (endpoint) => {
    if (at === 'latest') return send(endpoint, [call, at]);
    if (at === 'pending') return callAtNext(pool, endpoint, call);
    return callAtHash(pool, endpoint, call, at.blockHash);
  });
}

async function send(endpoint: Endpoint, params: readonly unknown[]): Promise<Hex> {
  return lowerHex.parse(await endpoint.send('eth_call', params));
}

/** What nodes say of a block that they do not have (yet): another endpoint may. */
const NO_SUCH_BLOCK = /not found|unknown block|missing trie node|pruned|could not find/i;

/** As `callContract`, of one endpoint, at a block named by its hash. */
export async function callAtHash(
  pool: EndpointPool,
  endpoint: Endpoint,
  call: CallParams,
  blockHash: Hex,
): Promise<Hex> {
  if (endpoint.lacks.has('calls by block hash')) return callAtNumberOf(endpoint, call, blockHash);
  try {
    return await send(endpoint, [call, { blockHash }]);
  } catch (error) {
    if (isRevert(error) || !(error instanceof RpcAnswerError) || NO_SUCH_BLOCK.test(error.message)) throw error;
    const answer = await settled(() => callAtNumberOf(endpoint, call, blockHash));
    // It is the form of the question that the node does not know, if in another form it is answered.
    if (answer.known) pool.lacks(endpoint, 'calls by block hash');
    return answer.known ? answer.give() : rethrow(error);
  }
}

/** The block of that number is the one that is meant before and after the call, so it was so during it. */
async function callAtNumberOf(endpoint: Endpoint, call: CallParams, blockHash: Hex): Promise<Hex> {
  const found = header.nullable().parse(await endpoint.send('eth_getBlockByHash', [blockHash, false]));
  if (!found) throw new NotUsableError(`does not know block ${blockHash}`);
  const at = toQuantity(found.number);
  const requireSameBlock = async (): Promise<void> => {
    const now = header.nullable().parse(await endpoint.send('eth_getBlockByNumber', [at, false]));
    if (now?.hash !== blockHash) throw new NotUsableError(`has another block ${found.number} than ${blockHash}`);
  };
  await requireSameBlock();
  const answer = await settled(() => send(endpoint, [call, at]));
  await requireSameBlock();
  return answer.give();
}

/** As `callContract`, of one endpoint, in the next block. */
export async function callAtNext(pool: EndpointPool, endpoint: Endpoint, call: CallParams): Promise<Hex> {
  if (endpoint.lacks.has('pending block')) return callWithNextNumber(pool, endpoint, call);
  try {
    return await send(endpoint, [call, 'pending']);
  } catch (error) {
    const mayBeALack = error instanceof z.ZodError || (error instanceof RpcAnswerError && !isRevert(error));
    if (!mayBeALack) throw error;
    const answer = await settled(() => callWithNextNumber(pool, endpoint, call));
    if (answer.known) pool.lacks(endpoint, 'pending block');
    return answer.known ? answer.give() : rethrow(error);
  }
}

/** The newest state, but in the next block: windows are block numbers. */
async function callWithNextNumber(pool: EndpointPool, endpoint: Endpoint, call: CallParams): Promise<Hex> {
  if (endpoint.lacks.has('block overrides')) return send(endpoint, [call, 'latest']);
  const head = header.parse(await endpoint.send('eth_getBlockByNumber', ['latest', false]));
  endpoint.sawHead(head);
  try {
    return await send(endpoint, [call, 'latest', {}, { number: toQuantity(head.number + 1) }]);
  } catch (error) {
    if (!(error instanceof RpcAnswerError) || isRevert(error)) throw error;
    const answer = await settled(() => send(endpoint, [call, 'latest']));
    if (answer.known) pool.lacks(endpoint, 'block overrides');
    return answer.known ? answer.give() : rethrow(error);
  }
}

/** How a call ended: `known` if the contract returned or reverted. */
interface Settled {
  known: boolean;
  /** Returns what the call returned, throws what it threw. */
  give(): Hex;
}

async function settled(call: () => Promise<Hex>): Promise<Settled> {
  try {
    const result = await call();
    return { known: true, give: () => result };
  } catch (error) {
    return { known: isRevert(error), give: () => rethrow(error) };
  }
}

function rethrow(error: unknown): never {
  throw error;
}
