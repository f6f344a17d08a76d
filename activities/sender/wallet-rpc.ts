import { toQuantity } from 'ethers';
import { z } from 'zod';
import { TRANSACTION_GAS_CAP } from '../../contracts/chain-rules.js';
import type { Hex } from '../../domain/sequence.js';
import type { BlockRef } from '../../domain/sequence-view.js';
import { callContract } from '../chain/endpoints/call-contract.js';
import type { EndpointPool } from '../chain/endpoints/endpoint-pool.js';
import { header, lowerHex, rpcAmount, rpcNumber } from '../chain/endpoints/rpc-answers.js';
import { isRevert, revertData } from '../chain/endpoints/rpc-errors.js';
import { collectAnswers, type EndpointAnswer } from './broadcast.js';
import { estimateGasAtNext, type CallToEstimate, type GasEstimate } from './estimate-gas.js';
import type { FeeMarket } from './fees.js';

/** The head of the chain, as far as a sender looks at it. */
export interface Head extends BlockRef {
  /** Wei; null on a chain without EIP-1559. */
  baseFeePerGas: bigint | null;
}

export interface Receipt {
  hash: Hex;
  block: BlockRef;
  success: boolean;
  gasUsed: string;
  logs: { address: string; topics: string[]; data: Hex }[];
}

/** A call from the wallet with a fixed gas limit, as the transaction would make it. */
export interface WalletCall {
  from: string;
  to: string;
  data: string;
  gas: bigint;
}

export type CallAnswer = { result: Hex } | { revertData: Hex };

/** What a sender asks of a base chain. */
export interface WalletRpc {
  head(): Promise<Head>;
  /** Null where no endpoint has such a block (yet). */
  blockHash(block: number): Promise<Hex | null>;
  /** Who sent what in a block; empty where no endpoint has such a block. */
  transactionsIn(block: number): Promise<{ hash: Hex; from: string; nonce: number }[]>;
  /**
   * Number of the wallet's transactions up to a block, the latest by default: the nonce that the chain takes next. For an
   * older block the endpoint must still have its state, as every full node has that of the last 128.
   */
  transactionCount(wallet: string, block?: number): Promise<number>;
  balance(wallet: string): Promise<bigint>;
  receipt(hash: Hex): Promise<Receipt | null>;
  /** Whether an endpoint knows the transaction, mined or waiting. */
  knows(hash: Hex): Promise<boolean>;
  feeMarket(head: Head): Promise<FeeMarket>;
  /** The call's result in the next block, with what waits in the pool before it. */
  callAtNext(call: WalletCall): Promise<CallAnswer>;
  /** The least gas limit with which it would succeed in the next block. */
  estimateGas(call: CallToEstimate): Promise<GasEstimate>;
  /** Most gas that one transaction may have: that of a block, and no more than EIP-7825 allows. */
  gasCap(): Promise<bigint>;
  /** Hands signed bytes to every endpoint, as `collectAnswers` tells; never rejects. */
  broadcast(raw: Hex): Promise<EndpointAnswer[]>;
}

const receipt = z.object({
  transactionHash: lowerHex,
  blockNumber: rpcNumber,
  blockHash: lowerHex,
  status: rpcNumber,
  gasUsed: rpcAmount,
  logs: z.array(z.object({ address: z.string(), topics: z.array(z.string()), data: lowerHex })),
});
const blockWithTransactions = z.object({
  transactions: z.array(z.object({ hash: lowerHex, from: z.string(), nonce: rpcNumber })),
});

/** Where an endpoint has no opinion about a tip. */
const DEFAULT_TIP_WEI = 1_000_000_000n;

/** Nothing is cached: a nonce or a receipt that is a moment old has led many a sender astray. */
export function createWalletRpc(pool: EndpointPool): WalletRpc {
  const ask: Ask = (schema, method, params) => pool.ask(schema, method, params);
  return {
    async head() {
      const { number, hash, baseFeePerGas } = await pool.latest();
      return { number, hash, baseFeePerGas };
    },
    blockHash: async (blockNumber) => {
      const found = await pool.find(header, 'eth_getBlockByNumber', [toQuantity(blockNumber), false]);
      return found?.hash ?? null;
    },
    async transactionsIn(blockNumber) {
      const method = 'eth_getBlockByNumber';
      const found = await pool.find(blockWithTransactions, method, [toQuantity(blockNumber), true]);
      return found?.transactions ?? [];
    },
    transactionCount: (wallet, block) =>
      ask(rpcNumber, 'eth_getTransactionCount', [wallet, block === undefined ? 'latest' : toQuantity(block)]),
    balance: (wallet) => ask(rpcAmount, 'eth_getBalance', [wallet, 'latest']),
    async receipt(hash) {
      const found = await pool.find(receipt, 'eth_getTransactionReceipt', [hash]);
      if (!found) return null;
      return {
        hash: found.transactionHash,
        block: { number: found.blockNumber, hash: found.blockHash },
        success: found.status === 1,
        gasUsed: found.gasUsed.toString(),
        logs: found.logs,
      };
    },
    knows: async (hash) => (await pool.find(z.unknown(), 'eth_getTransactionByHash', [hash])) !== null,
    async feeMarket({ baseFeePerGas }) {
      if (baseFeePerGas === null) return { baseFeePerGas, suggested: await ask(rpcAmount, 'eth_gasPrice', []) };
      const suggested = await ask(rpcAmount, 'eth_maxPriorityFeePerGas', []).catch(() => DEFAULT_TIP_WEI);
      return { baseFeePerGas, suggested };
    },
    async callAtNext({ from, to, data, gas }) {
      try {
        return { result: await callContract(pool, { from, to, data, gas: toQuantity(gas) }, 'pending') };
      } catch (error) {
        if (!isRevert(error)) throw error;
        return { revertData: revertData(error) };
      }
    },
    estimateGas: (call) => estimateGasAtNext(pool, call),
    async gasCap() {
      const { gasLimit } = await ask(z.object({ gasLimit: rpcAmount }), 'eth_getBlockByNumber', ['latest', false]);
      return gasLimit < TRANSACTION_GAS_CAP ? gasLimit : TRANSACTION_GAS_CAP;
    },
    broadcast: (raw) => collectAnswers(pool.sendToAll('eth_sendRawTransaction', [raw])),
  };
}

type Ask = <T>(schema: z.ZodType<T>, method: string, params: unknown[]) => Promise<T>;
