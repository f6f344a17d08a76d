import {
  isError,
  JsonRpcApiProvider,
  Network,
  toQuantity,
  type JsonRpcError,
  type JsonRpcPayload,
  type JsonRpcResult,
} from 'ethers';
import { z } from 'zod';
import type { EndpointPool } from './endpoint-pool.js';
import { rpcNumber } from './rpc-answers.js';
import { describeRpcError, isRevert, RpcAnswerError } from './rpc-errors.js';
import { searchLogs } from './search-logs.js';

const DEFAULT_POLLING_INTERVAL_MS = 500;

export interface PoolProviderOptions {
  /** How often a receipt that is waited for is asked for. */
  pollingIntervalMs?: number;
}

/** What ethers needs to read contracts and to sign: every request goes through the pool. Destroying it closes nothing. */
export function createPoolProvider(pool: EndpointPool, options: PoolProviderOptions = {}): JsonRpcApiProvider {
  return new PoolProvider(pool, options.pollingIntervalMs ?? DEFAULT_POLLING_INTERVAL_MS);
}

/** ethers asks for a class of its own. */
class PoolProvider extends JsonRpcApiProvider {
  readonly #pool: EndpointPool;

  constructor(pool: EndpointPool, pollingInterval: number) {
    const network = Network.from(pool.chainId);
    // No batches, and no answer is kept: a nonce or a head that is 250 ms old is a wrong one.
    super(network, { staticNetwork: network, batchMaxCount: 1, cacheTimeout: -1, pollingInterval });
    this.#pool = pool;
    this._start();
  }

  override async _send(payload: JsonRpcPayload | JsonRpcPayload[]): Promise<(JsonRpcResult | JsonRpcError)[]> {
    return Promise.all([payload].flat().map((one) => this.#answer(one)));
  }

  async #answer({ id, method, params }: JsonRpcPayload): Promise<JsonRpcResult | JsonRpcError> {
    try {
      return { id, result: await request(this.#pool, method, [params].flat()) };
    } catch (error) {
      if (!(error instanceof RpcAnswerError)) throw error;
      const { code, message, data } = error;
      return { id, error: { code, message, data } };
    }
  }

  /** What ethers does not know it calls "could not coalesce error", with the whole request: the node's words say more. */
  override getRpcError(payload: JsonRpcPayload, answer: JsonRpcError): Error {
    const error = super.getRpcError(payload, answer);
    if (!isError(error, 'UNKNOWN_ERROR')) return error;
    return new NodeRefusalError(payload.method, answer.error.message ?? 'no reason given');
  }
}

/** `error` is where ethers, too, keeps what a node said: by it a refusal differs from a request that got lost. */
class NodeRefusalError extends Error {
  override readonly name = 'NodeRefusalError';
  readonly error: { message: string };

  constructor(method: string, said: string) {
    super(`The node refuses ${method}: ${said}`);
    this.error = { message: said };
  }
}

/** Questions to which another endpoint may know the answer when one says null. */
const MAY_BE_UNKNOWN = new Set([
  'eth_getTransactionReceipt',
  'eth_getTransactionByHash',
  'eth_getBlockByNumber',
  'eth_getBlockByHash',
]);

async function request(pool: EndpointPool, method: string, params: unknown[]): Promise<unknown> {
  if (method === 'eth_chainId') return toQuantity(pool.chainId);
  if (method === 'eth_blockNumber') return toQuantity((await pool.latest()).number);
  if (method === 'eth_sendRawTransaction') return firstTaken(pool, params);
  if (method === 'eth_getLogs') return logs(pool, params);
  if (MAY_BE_UNKNOWN.has(method)) return pool.find(z.unknown(), method, params);
  return pool.attempt(method, async (endpoint) => {
    if (params.includes('pending') && endpoint.lacks.has('pending block')) return endpoint.send(method, latest(params));
    try {
      return await endpoint.send(method, params);
    } catch (error) {
      if (!(error instanceof RpcAnswerError) || isRevert(error) || !params.includes('pending')) throw error;
      const answer = await endpoint.send(method, latest(params));
      pool.lacks(endpoint, 'pending block');
      return answer;
    }
  });
}

function latest(params: readonly unknown[]): unknown[] {
  return params.map((param) => (param === 'pending' ? 'latest' : param));
}

/** Signed bytes go to all endpoints; what one of them has taken is taken. */
async function firstTaken(pool: EndpointPool, params: readonly unknown[]): Promise<unknown> {
  const answers = pool.sendToAll('eth_sendRawTransaction', params).map(({ answer }) => answer);
  try {
    return await Promise.any(answers);
  } catch (error) {
    const reasons: unknown[] = error instanceof AggregateError ? error.errors : [error];
    // A node's word says more than that another one could not be reached.
    throw reasons.find((reason) => reason instanceof RpcAnswerError) ?? new Error(describeRpcError(error));
  }
}

const block = z.union([rpcNumber, z.literal(['latest', 'pending', 'earliest'])]).default('latest');
const range = z.looseObject({ fromBlock: block, toBlock: block, blockHash: z.undefined() });
const query = z.object({
  address: z.union([z.string(), z.array(z.string())]).exactOptional(),
  topics: z.array(z.union([z.string(), z.array(z.string()), z.null()])).exactOptional(),
});

async function logs(pool: EndpointPool, params: unknown[]): Promise<unknown> {
  const blocks = range.safeParse(params[0]);
  if (!blocks.success) return pool.ask(z.unknown(), 'eth_getLogs', params);
  const { fromBlock, toBlock } = blocks.data;
  const head = (await pool.latest()).number;
  const numberOf = (at: number | string): number => (typeof at === 'number' ? at : at === 'earliest' ? 0 : head);
  const found = await searchLogs(pool, query.parse(params[0]), { from: numberOf(fromBlock), to: numberOf(toBlock) });
  return found.map((log) => ({
    ...log,
    blockNumber: toQuantity(log.blockNumber),
    logIndex: toQuantity(log.logIndex),
    transactionIndex: toQuantity(log.transactionIndex),
    removed: false,
  }));
}
