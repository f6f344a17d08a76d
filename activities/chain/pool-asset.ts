import { Interface } from 'ethers';
import { z } from 'zod';
import { POOL_ABI } from '../../contracts/abi.js';
import type { ChainRpc } from './chain-rpc.js';
import { ROLLUP } from './rollup-facts.js';

const POOL = new Interface(POOL_ABI);
const oneAddress = z.tuple([z.string()]);

/**
 * Finds what the pool of a rollup keeps: the address of a token, or zero for the chain's own coin. Neither the pool nor
 * its asset ever changes, so each rollup is asked once.
 */
export function createPoolAssets(rpc: Pick<ChainRpc, 'call'>): (rollup: string) => Promise<string> {
  const known = new Map<string, string>();
  const read = async (contract: string, abi: Interface, name: string): Promise<string> => {
    const answer = await rpc.call({ to: contract, data: abi.encodeFunctionData(name) }, 'latest');
    return oneAddress.parse(abi.decodeFunctionResult(name, answer).toArray())[0];
  };
  return async (rollup) => {
    const asset = known.get(rollup) ?? (await read(await read(rollup, ROLLUP, 'pool'), POOL, 'asset'));
    known.set(rollup, asset);
    return asset;
  };
}
