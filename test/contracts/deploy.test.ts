import { Contract, JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FACTORY_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { withBlockTime } from '../../contracts/block-time.js';
import { deployZkPow, launchRollup } from '../../contracts/deploy.js';
import { checkLaunch } from '../../contracts/launch-checks.js';
import { launchSettings, scaledBlocks } from '../../contracts/launch-options.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import { FUNDED_KEYS, startLocalChain } from '../transfers/local-chain.js';
import type { LocalChain } from '../transfers/local-chain.js';

const LOCAL = 31337;
const PUBLIC = 1;
const ADMIN = new Wallet(FUNDED_KEYS[0]).address;

const options: LaunchOptions = {
  rollupType: 'transfers',
  verifier: { kind: 'simulated' },
  admin: ADMIN,
  sequencer: ADMIN,
  genesis: { stateRoot: `0x${'11'.repeat(32)}`, data: '0x0123' },
};
const REAL_VERIFIER = { kind: 'deployed', address: ADMIN } as const;

describe('on a local chain', () => {
  let chain: LocalChain;
  let provider: JsonRpcProvider;
  let signer: Wallet;

  beforeAll(async () => {
    chain = await startLocalChain();
    provider = new JsonRpcProvider(chain.rpcUrl, LOCAL, { staticNetwork: true, pollingInterval: 20, cacheTimeout: -1 });
    signer = new Wallet(FUNDED_KEYS[0], provider);
  });

  afterAll(async () => {
    provider.destroy();
    await chain.stop();
  });

  test('one call gives a rollup that says what it was launched with, and a second rollup joins its factory', async () => {
    const deployment = await deployZkPow(signer, { ...options, t1: 3, t2: 5 });
    const rollup = new Contract(deployment.rollup, ROLLUP_ABI, provider);
    expect(await rollup.getFunction('rollupType').staticCall()).toBe('transfers');
    expect(await rollup.getFunction('pool').staticCall()).toBe(deployment.pool);
    expect(await rollup.getFunction('verifier').staticCall()).toBe(deployment.verifier);
    expect(await rollup.getFunction('proofHashCommitEpoch').staticCall()).toBe(3n);
    expect(await rollup.getFunction('batchNumToStateRoot').staticCall(0)).toBe(options.genesis.stateRoot);
    expect(await rollup.getFunction('launchBlock').staticCall()).toBe(BigInt(deployment.deployBlock));
    const genesis = await rollup.queryFilter('Genesis', deployment.deployBlock, deployment.deployBlock);
    expect(genesis.map((log) => rollup.interface.parseLog(log)?.args.toArray())).toEqual([
      [options.genesis.stateRoot, options.genesis.data],
    ]);

    const second = await launchRollup(signer, deployment.factory, { ...options, t1: 7 });
    expect(second.pool).toBe(deployment.pool);
    expect(second.rollup).not.toBe(deployment.rollup);
    const launched = await new Contract(deployment.factory, FACTORY_ABI, provider).queryFilter('RollupLaunched');
    expect(launched).toHaveLength(2);
  });

  test('a verifier of two contracts is created with the factory, and knows its inner one', async () => {
    const honkVerifierSource = `// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.28;
      contract HonkVerifier {
        function verify(bytes calldata, bytes32[] calldata) external pure returns (bool) { return true; }
      }`;
    const circuitId = `0x${'22'.repeat(32)}` as const;
    const verifier = { kind: 'noir', honkVerifierSource, circuitId, developmentSetup: true } as const;
    const deployment = await deployZkPow(signer, { ...options, verifier });
    const outer = new Contract(deployment.verifier, ['function honkVerifier() view returns (address)'], provider);
    const inner = z.string().parse(await outer.getFunction('honkVerifier').staticCall());
    expect(await provider.getCode(inner)).not.toBe('0x');
    const rollup = new Contract(deployment.rollup, ROLLUP_ABI, provider);
    expect(await rollup.getFunction('verifier').staticCall()).toBe(deployment.verifier);
  });

  test('a wrong option stops the launch before anything is sent', async () => {
    const nonce = await provider.getTransactionCount(ADMIN);
    await expect(deployZkPow(signer, { ...options, t1: 0 })).rejects.toThrow('t1: 0 blocks, must be 1 to 100800');
    expect(await provider.getTransactionCount(ADMIN)).toBe(nonce);
  });
});

test('a chain with rules from before Cancun is refused before anything is sent', async () => {
  const chain = await startLocalChain(['--hardfork', 'shanghai']);
  const provider = new JsonRpcProvider(chain.rpcUrl, LOCAL, { staticNetwork: true, cacheTimeout: -1 });
  try {
    const signer = new Wallet(FUNDED_KEYS[0], provider);
    const refusal = /^Chain 31337 runs by rules from before Cancun: its EVM has no MCOPY and TLOAD\./;
    await expect(deployZkPow(signer, options)).rejects.toThrow(refusal);
    await expect(launchRollup(signer, ADMIN, options)).rejects.toThrow(refusal);
    expect(await provider.getTransactionCount(ADMIN)).toBe(0);
  } finally {
    provider.destroy();
    await chain.stop();
  }
});

test('on a public chain the block time is measured where none is given', async () => {
  const chain = await startLocalChain();
  const provider = new JsonRpcProvider(chain.rpcUrl, PUBLIC, { staticNetwork: true, cacheTimeout: -1 });
  try {
    await expect(withBlockTime(provider, options)).rejects.toThrow(/too few. Give blockTimeSeconds/);
    await provider.send('anvil_mine', ['0x78', '0x2']);
    expect(launchSettings(await withBlockTime(provider, options))).toMatchObject({ t1: 120, t2: 192 });
    expect(await withBlockTime(provider, { ...options, blockTimeSeconds: 5 })).toMatchObject({ blockTimeSeconds: 5 });
    const signer = new Wallet(FUNDED_KEYS[0], provider);
    const short = { ...options, verifier: REAL_VERIFIER, t2: 32 };
    await expect(deployZkPow(signer, short)).rejects.toThrow(/t2: 32 blocks are about 64 s.* set t2 to 150 blocks/);
    await expect(launchRollup(signer, ADMIN, short)).rejects.toThrow(/t2: 32 blocks are about 64 s/);
    expect(await provider.getTransactionCount(ADMIN)).toBe(0);
  } finally {
    provider.destroy();
    await chain.stop();
  }
});

test('all wrong options are named at once', () => {
  const wrong = { ...options, t1: 0, t2: 100_801, admin: 'me', minimumDeposit: 1n, rewardCap: -1n, rollupType: '' };
  const message = messageOf(() => checkLaunch(wrong, LOCAL));
  for (const name of ['t1: 0', 't2: 100801', 'admin: me', 'minimumDeposit: must be', 'rewardCap: -1', 'rollupType']) {
    expect(message).toContain(name);
  }
});

test('proofs that anybody can forge are refused on a public chain', () => {
  expect(() => checkLaunch(options, PUBLIC)).toThrow(/simulated proofs .* local chains only, chain id is 1/);
  const development = {
    kind: 'noir',
    honkVerifierSource: '',
    circuitId: '0x',
    developmentSetup: true,
  } as const;
  expect(() => checkLaunch({ ...options, verifier: development }, PUBLIC)).toThrow(/development one/);
  expect(() =>
    checkLaunch({ ...options, blockTimeSeconds: 12, verifier: { ...development, developmentSetup: false } }, PUBLIC),
  ).not.toThrow();
});

test('a T2 that miners may miss needs an explicit flag on a public chain', () => {
  const short = { ...options, verifier: REAL_VERIFIER, blockTimeSeconds: 2, t2: 149 };
  expect(() => checkLaunch(short, PUBLIC)).toThrow(/t2: 149 blocks are about 298 s.*allowShortWindows/);
  expect(() => checkLaunch({ ...short, allowShortWindows: true }, PUBLIC)).not.toThrow();
  expect(() => checkLaunch({ ...short, t2: 150 }, PUBLIC)).not.toThrow();
  expect(() => checkLaunch({ ...short, t2: 1 }, LOCAL)).not.toThrow();
  const untimed = { ...options, verifier: REAL_VERIFIER };
  expect(() => checkLaunch(untimed, PUBLIC)).toThrow(/blockTimeSeconds: must be given for chain id 1,/);
  expect(() => checkLaunch({ ...untimed, blockTimeSeconds: 0 }, PUBLIC)).toThrow(
    /blockTimeSeconds: 0, must be above 0/,
  );
});

test('windows scale with the block time, and the default deposit covers the default penalties', () => {
  expect(launchSettings(options)).toMatchObject({ t1: 20, t2: 32, minimumDeposit: parseEther('50') });
  expect(launchSettings({ ...options, blockTimeSeconds: 2 })).toMatchObject({ t1: 120, t2: 192 });
  expect(scaledBlocks(20, 1000)).toBe(1);
});

function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  throw new Error('the call was expected to throw');
}
