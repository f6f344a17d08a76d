import { toQuantity, type CallExceptionError, type JsonRpcProvider } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../workflows/domain/sequence.js';
import type { BlockRef } from '../../workflows/domain/sequence-view.js';
import { hex } from '../storage/database.js';
import { askEndpoints, isRevert } from './ask-endpoints.js';

/** A block's header, as far as it is looked at. */
export interface Header extends BlockRef {
  parentHash: Hex;
  /** Seconds since 1970. */
  timestamp: number;
}

export interface ChainLog {
  address: string;
  topics: string[];
  data: Hex;
  blockNumber: number;
  blockHash: Hex;
  transactionHash: Hex;
  logIndex: number;
}

/** `blockHash`, or a range of block numbers with both ends in it. */
export interface LogFilter {
  addresses: readonly string[];
  /** As in `eth_getLogs`: null for any, several for one of them. */
  topics: readonly (string | readonly string[] | null)[];
  blocks: { blockHash: Hex } | { from: number; to: number };
}

export interface ContractCall {
  to: string;
  data: string;
  from?: string;
}

/** The reads of a base chain that this project needs, over one or more JSON-RPC endpoints. */
export interface ChainRpc {
  readonly chainId: number;
  latest(): Promise<Header>;
  /** Null where the endpoint has no such block. */
  block(block: number | Hex): Promise<Header | null>;
  logs(filter: LogFilter): Promise<ChainLog[]>;
  /** @throws CallRevertedError if the contract refuses */
  call(call: ContractCall, at: { blockHash: Hex } | 'pending' | 'latest'): Promise<Hex>;
  code(address: string): Promise<Hex>;
  /** Calldata of a transaction, null where the endpoint does not know it. */
  transactionData(transactionHash: Hex): Promise<Hex | null>;
  gasPriceWei(): Promise<bigint>;
}

/** A contract reverted a read. `data` holds its custom error, or `0x`. */
export class CallRevertedError extends Error {
  override readonly name = 'CallRevertedError';
  constructor(
    readonly data: string,
    error: CallExceptionError,
  ) {
    super(`The contract reverted: ${error.shortMessage}`, { cause: error });
  }
}

const number = z
  .string()
  .regex(/^0x[0-9a-f]+$/i)
  .transform(Number)
  .pipe(z.number().int());
const lowerHex = z
  .string()
  .transform((text) => text.toLowerCase())
  .pipe(hex);
const header = z.object({ number, hash: lowerHex, parentHash: lowerHex, timestamp: number });
const log = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: lowerHex,
  blockNumber: number,
  blockHash: lowerHex,
  transactionHash: lowerHex,
  logIndex: number,
});

/**
 * Endpoints in order of preference: one that fails or is silent is passed over, and all are asked again when all fail.
 * Nothing is cached; requests of the same moment travel in one batch.
 *
 * @param providers at least one, all of the same chain
 */
export function createChainRpc(chainId: number, providers: readonly JsonRpcProvider[]): ChainRpc {
  if (providers.length === 0) throw new RangeError(`Chain ${chainId} needs at least one endpoint`);

  const ask: Ask = (schema, method, params) => askEndpoints(providers, schema, method, params);

  return {
    chainId,
    latest: () => ask(header, 'eth_getBlockByNumber', ['latest', false]),
    block: (block) =>
      typeof block === 'number'
        ? ask(header.nullable(), 'eth_getBlockByNumber', [toQuantity(block), false])
        : ask(header.nullable(), 'eth_getBlockByHash', [block, false]),
    logs: ({ addresses, topics, blocks }) => {
      const range =
        'blockHash' in blocks ? blocks : { fromBlock: toQuantity(blocks.from), toBlock: toQuantity(blocks.to) };
      return ask(z.array(log), 'eth_getLogs', [{ address: addresses, topics, ...range }]);
    },
    async call(call, at) {
      try {
        return await ask(lowerHex, 'eth_call', [call, at]);
      } catch (error) {
        throw isRevert(error) ? new CallRevertedError(error.data ?? '0x', error) : error;
      }
    },
    code: (address) => ask(lowerHex, 'eth_getCode', [address, 'latest']),
    transactionData: async (hash) => {
      const found = await ask(z.object({ input: lowerHex }).nullable(), 'eth_getTransactionByHash', [hash]);
      return found?.input ?? null;
    },
    gasPriceWei: () => ask(lowerHex.transform(BigInt), 'eth_gasPrice', []),
  };
}

type Ask = <T>(schema: z.ZodType<T>, method: string, params: unknown[]) => Promise<T>;
