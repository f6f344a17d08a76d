import { z } from 'zod';
import { startRpcProxy, type RpcCall, type RpcProxy } from '../../lab/scenarios/rpc-proxy.js';

/** Requests that read a state, with the place of the block among their parameters. */
const BLOCK_PARAMETER: Record<string, number> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
};

const blockParam = z.union([
  z.string(),
  z.object({ blockHash: z.string() }),
  z.object({ blockNumber: z.string().transform(Number) }),
]);
const blockOf = z.object({ result: z.object({ number: z.string().transform(Number) }).nullable() });

export interface WithoutOldStates extends RpcProxy {
  /** Requests for older states, which were refused. */
  refused: RpcCall[];
}

/**
 * A proxy before a chain that refuses to read states older than so many blocks, as a pruning client does; clients prune
 * later (geth after 128 blocks), so it shows the same in a shorter time.
 */
export async function startWithoutOldStates(chainUrl: string, keptBlocks: number): Promise<WithoutOldStates> {
  const proxy = await startRpcProxy(chainUrl);
  const refused: RpcCall[] = [];
  const numberOf = async (method: string, param: unknown): Promise<number | null> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [param, false] });
    const response = await fetch(chainUrl, { method: 'POST', headers, body });
    return blockOf.parse(await response.json()).result?.number ?? null;
  };
  const askedFor = (param: unknown): Promise<number | null> => {
    const { success, data } = blockParam.safeParse(param);
    if (!success) return Promise.resolve(null);
    if (typeof data === 'string') return numberOf('eth_getBlockByNumber', data);
    return 'blockHash' in data ? numberOf('eth_getBlockByHash', data.blockHash) : Promise.resolve(data.blockNumber);
  };
  proxy.setFaults(async (call) => {
    const place = BLOCK_PARAMETER[call.method];
    if (place === undefined) return null;
    const [block, head] = await Promise.all([askedFor(call.params[place]), numberOf('eth_getBlockByNumber', 'latest')]);
    if (block === null || head === null || block > head - keptBlocks) return null;
    refused.push(call);
    return 'refuse';
  });
  return { ...proxy, refused };
}
