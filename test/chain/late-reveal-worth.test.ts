import { AbiCoder, Interface, ZeroAddress } from 'ethers';
import { describe, expect, test } from 'vitest';
import type { ChainRpc } from '../../activities/chain/chain-rpc.js';
import { createPoolAssets } from '../../activities/chain/pool-asset.js';
import { createProofQuestions } from '../../activities/chain/proof-questions.js';
import type { SequenceFacts } from '../../activities/chain/rollup-facts.js';
import { hex } from '../../activities/storage/database.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';

const ROLLUP_ADDRESS = '0x00000000000000000000000000000000000000bb';
const POOL_ADDRESS = '0x00000000000000000000000000000000000000CC';
const TOKEN = '0x00000000000000000000000000000000000000DD';
const GWEI = 1_000_000_000n;
const TERMS: SequenceFacts['terms'] = {
  ...{ t1: 5, t2: 10, tMin: 5, silenceShare: 1_000, wrongProofShare: 10_000, lateShare: 2_500, blockTimeMs: 1_000 },
  ...{ minimumReserve: 1n, rule: ZeroAddress, verificationGas: 1_500_000n },
};

/** Whether a late reveal of this reward pays, with gas at 10 gwei and a rule that needs 1,500,000 gas: 0.019 coins. */
function pays(ownReward: bigint, asset: string): Promise<boolean> {
  const abi = new Interface([...ROLLUP_ABI, ...POOL_ABI.filter((line) => line.includes('asset()'))]);
  const answers: Record<string, string> = {
    [abi.encodeFunctionData('pool')]: AbiCoder.defaultAbiCoder().encode(['address'], [POOL_ADDRESS]),
    [abi.encodeFunctionData('asset')]: AbiCoder.defaultAbiCoder().encode(['address'], [asset]),
  };
  const rpc: Pick<ChainRpc, 'call' | 'gasPriceWei'> = {
    call: async ({ data }) => hex.parse(answers[data]),
    gasPriceWei: async () => 10n * GWEI,
  };
  const questions = createProofQuestions(rpc, { bytes: async () => null }, createPoolAssets(rpc));
  return questions.lateRevealPays({ terms: TERMS, ownReward }, ROLLUP_ADDRESS);
}

describe('a late reveal is worth its gas', () => {
  test('in the coin that gas is paid in: when it is paid more than it costs', async () => {
    expect(await pays(19_000_001n * GWEI, ZeroAddress)).toBe(true);
    expect(await pays(19_000_000n * GWEI, ZeroAddress)).toBe(false);
  });

  test('in a token, whose price is not known: when it is paid at all', async () => {
    expect(await pays(1n, TOKEN)).toBe(true);
    expect(await pays(0n, TOKEN)).toBe(false);
  });
});
