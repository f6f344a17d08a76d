import { toQuantity } from 'ethers';
import { z } from 'zod';
import type { Hex } from '../../domain/sequence.js';
import { callContract, type CallBlock } from './endpoints/call-contract.js';
import type { EndpointPool } from './endpoints/endpoint-pool.js';
import { header, lowerHex, rpcAmount, type ChainLog, type Header } from './endpoints/rpc-answers.js';
import { isRevert, revertData } from './endpoints/rpc-errors.js';
import { logsOfBlock, searchLogs } from './endpoints/search-logs.js';

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
  /** Gas that the call may use, its intrinsic gas included; as much as the node allows where it is not given. */
  gas?: bigint;
}

/** The reads of a base chain that this project needs, over one or more JSON-RPC endpoints. */
export interface ChainRpc {
  readonly chainId: number;
  latest(): Promise<Header>;
  /** Null where no endpoint has such a block. */
  block(block: number | Hex): Promise<Header | null>;
  logs(filter: LogFilter): Promise<ChainLog[]>;
  /** Whether logs of a block named by its hash may be left out, too: a node knows no such question. */
  blockLogsMayHaveGaps(): boolean;
  /** Logs were missing from a range: another endpoint is asked first from now on. */
  distrustLogs(): void;
  /** @throws CallRevertedError if the contract refuses */
  call(call: ContractCall, at: CallBlock): Promise<Hex>;
  code(address: string): Promise<Hex>;
  /** Calldata of a transaction, null where no endpoint knows it. */
  transactionData(transactionHash: Hex): Promise<Hex | null>;
  gasPriceWei(): Promise<bigint>;
}

/** A contract reverted a read. `data` holds its custom error, or `0x`. */
export class CallRevertedError extends Error {
  override readonly name = 'CallRevertedError';
  constructor(
    readonly data: Hex,
    cause: Error,
  ) {
    super(`The contract reverted: ${cause.message}`, { cause });
  }
}

/** The reads of a base chain over the endpoints of a pool. Nothing is cached. */
export function createChainRpc(pool: EndpointPool): ChainRpc {
  return {
    chainId: pool.chainId,
    latest: () => pool.latest(),
    block: (block) =>
      typeof block === 'number'
        ? pool.find(header, 'eth_getBlockByNumber', [toQuantity(block), false])
        : pool.find(header, 'eth_getBlockByHash', [block, false]),
    logs: ({ addresses, topics, blocks }) => {
      const query = { address: addresses, topics };
      return 'blockHash' in blocks ? logsOfBlock(pool, query, blocks.blockHash) : searchLogs(pool, query, blocks);
    },
    blockLogsMayHaveGaps: () => pool.endpoints.some(({ lacks }) => lacks.has('logs by block hash')),
    distrustLogs: () => pool.preferNextForLogs(),
    async call({ gas, ...call }, at) {
      try {
        return await callContract(pool, { ...call, ...(gas !== undefined && { gas: toQuantity(gas) }) }, at);
      } catch (error) {
        throw isRevert(error) ? new CallRevertedError(revertData(error), error) : error;
      }
    },
    code: (address) => pool.ask(lowerHex, 'eth_getCode', [address, 'latest']),
    transactionData: async (hash) => {
      const found = await pool.find(z.object({ input: lowerHex }), 'eth_getTransactionByHash', [hash]);
      return found?.input ?? null;
    },
    gasPriceWei: () => pool.ask(rpcAmount, 'eth_gasPrice', []),
  };
}
