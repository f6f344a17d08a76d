import { Interface, isError, ZeroAddress } from 'ethers';
import { z } from 'zod';
import { POOL_ABI } from '../../contracts/abi.js';
import { CallRevertedError, type ChainRpc } from './chain-rpc.js';
import { ROLLUP } from './rollup-facts.js';

const POOL = new Interface(POOL_ABI);
const TOKEN = new Interface(['function decimals() view returns (uint8)']);
const oneAddress = z.tuple([z.string()]);
const COIN_DECIMALS = 18;

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

/**
 * Finds how many digits a whole coin or token of a rollup's pool has behind the point: 0 for a token that does not tell
 * (EIP-20 leaves it out of what a token must have), whose amounts are then in its smallest unit.
 *
 * @param assetOf as `createPoolAssets` makes it
 */
export function createPoolDecimals(
  rpc: Pick<ChainRpc, 'call'>,
  assetOf: (rollup: string) => Promise<string>,
): (rollup: string) => Promise<number> {
  const known = new Map<string, number>();
  const read = async (token: string): Promise<number> => {
    try {
      const answer = await rpc.call({ to: token, data: TOKEN.encodeFunctionData('decimals') }, 'latest');
      const [decimals] = z.tuple([z.bigint()]).parse(TOKEN.decodeFunctionResult('decimals', answer).toArray());
      return Number(decimals);
    } catch (error) {
      if (error instanceof CallRevertedError || isError(error, 'BAD_DATA')) return 0;
      throw error;
    }
  };
  return async (rollup) => {
    const asset = await assetOf(rollup);
    const decimals = known.get(asset) ?? (asset === ZeroAddress ? COIN_DECIMALS : await read(asset));
    known.set(asset, decimals);
    return decimals;
  };
}
