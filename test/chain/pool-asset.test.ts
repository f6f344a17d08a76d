import { AbiCoder, Interface, ZeroAddress } from 'ethers';
import { describe, expect, test } from 'vitest';
import { CallRevertedError, type ChainRpc } from '../../activities/chain/chain-rpc.js';
import { createPoolAssets, createPoolDecimals } from '../../activities/chain/pool-asset.js';
import { hex } from '../../activities/storage/database.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';

const ROLLUP_ADDRESS = '0x00000000000000000000000000000000000000bb';
const POOL_ADDRESS = '0x00000000000000000000000000000000000000CC';
const TOKEN = '0x00000000000000000000000000000000000000dd';
const coder = AbiCoder.defaultAbiCoder();

/** Digits of a pool that keeps `asset`, whose token answers so; and how many questions that took, asked twice. */
async function decimalsWhere(asset: string, answer: () => string): Promise<{ decimals: number; questions: number }> {
  let questions = 0;
  const rpc: Pick<ChainRpc, 'call'> = {
    call: async ({ to, data }) => {
      questions += 1;
      if (data === new Interface(ROLLUP_ABI).encodeFunctionData('pool'))
        return hex.parse(coder.encode(['address'], [POOL_ADDRESS]));
      if (data === new Interface(POOL_ABI).encodeFunctionData('asset'))
        return hex.parse(coder.encode(['address'], [asset]));
      expect(to).toBe(TOKEN);
      return hex.parse(answer());
    },
  };
  const decimalsOf = createPoolDecimals(rpc, createPoolAssets(rpc));
  const decimals = await decimalsOf(ROLLUP_ADDRESS);
  expect(await decimalsOf(ROLLUP_ADDRESS)).toBe(decimals);
  return { decimals, questions };
}

describe("digits of a pool's asset", () => {
  test('are 18 of the coin, and those that a token tells, asked once', async () => {
    const never = () => {
      throw new Error('no token is asked');
    };
    expect(await decimalsWhere(ZeroAddress, never)).toEqual({ decimals: 18, questions: 2 });
    expect(await decimalsWhere(TOKEN, () => coder.encode(['uint8'], [6]))).toEqual({ decimals: 6, questions: 3 });
  });

  test('are none of a token that does not tell', async () => {
    expect(await decimalsWhere(TOKEN, () => '0x')).toMatchObject({ decimals: 0 });
    const reverts = () => {
      throw new CallRevertedError('0x', new Error('reverted'));
    };
    expect(await decimalsWhere(TOKEN, reverts)).toMatchObject({ decimals: 0 });
  });
});
