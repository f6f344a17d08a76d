import { toQuantity } from 'ethers';
import { z } from 'zod';
import type { RpcCall } from './rpc-proxy.js';

type Pass = (call: RpcCall) => Promise<unknown>;

const numberAnswer = z.object({ result: z.string() });
const placed = z.object({ result: z.object({ blockNumber: z.string().nullable() }) });

/** Where the block is among a method's parameters. */
const BLOCK_PARAMETER: Record<string, number> = {
  eth_getBlockByNumber: 0,
  eth_getTransactionCount: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_call: 1,
};

/**
 * Answers as a node would that has not heard of the newest blocks: the latest block is an older one, blocks above it
 * are unknown, and so are the receipts in them.
 */
export async function withLag(pass: Pass, call: RpcCall, lagBlocks: number): Promise<unknown> {
  const now = Number(numberAnswer.parse(await pass({ method: 'eth_blockNumber', params: [] })).result);
  const head = Math.max(0, now - lagBlocks);
  if (call.method === 'eth_blockNumber') return { jsonrpc: '2.0', result: toQuantity(head) };

  const place = BLOCK_PARAMETER[call.method];
  if (place !== undefined) {
    const asked = call.params[place];
    if (asked === 'latest') return pass({ ...call, params: replaced(call.params, place, toQuantity(head)) });
    if (isAbove(asked, head)) return { jsonrpc: '2.0', result: null };
  }
  const answer = await pass(call);
  if (call.method !== 'eth_getTransactionReceipt') return answer;
  const receipt = placed.safeParse(answer);
  return receipt.success && isAbove(receipt.data.result.blockNumber, head) ? { jsonrpc: '2.0', result: null } : answer;
}

function isAbove(block: unknown, head: number): boolean {
  return typeof block === 'string' && block.startsWith('0x') && block.length < 20 && Number(block) > head;
}

function replaced(params: readonly unknown[], place: number, value: unknown): unknown[] {
  return params.map((param, index) => (index === place ? value : param));
}
