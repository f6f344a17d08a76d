import {
  AbiCoder,
  Contract,
  ContractFactory,
  getBytes,
  Interface,
  JsonRpcProvider,
  keccak256,
  toBeHex,
  Wallet,
  ZeroHash,
} from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FACTORY_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { compileContracts, contractNamed } from '../../contracts/compile.js';
import { withBlockTime } from '../../contracts/block-time.js';
import { deployZkPow, launchRollup } from '../../contracts/deploy.js';
import { checkLaunch } from '../../contracts/launch-checks.js';
import { launchSettings } from '../../contracts/launch-options.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import type { RuleSample } from '../../domain/type-rule.js';
import { nth } from '../provers/support.js';
import { FUNDED_KEYS, startLocalChain } from '../transfers/local-chain.js';
import type { LocalChain } from '../transfers/local-chain.js';
import { simulatedRule, simulatedSample } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT, transfersRule } from '../../rollup-types/transfers/transfers-rule.js';

const FACTORY = new Interface(FACTORY_ABI);
const LOCAL = 31337;
const PUBLIC = 1;
const ADMIN = new Wallet(FUNDED_KEYS[0]).address;

const options: LaunchOptions = {
  rollupType: 'transfers',
  rule: simulatedRule(TRANSFERS_LAYOUT),
  admin: ADMIN,
  sequencer: ADMIN,
  genesis: { stateRoot: `0x${'11'.repeat(32)}`, data: '0x0123' },
};
const REAL_RULE = { kind: 'deployed', address: ADMIN, sample: simulatedSample() } as const;
const SALT = `0x${'55'.repeat(32)}` as const;

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
    const deployment = await deployZkPow(signer, { ...options, blockTimeSeconds: 2, t1Seconds: 6, t2Seconds: 9 });
    const rollup = new Contract(deployment.rollup, ROLLUP_ABI, provider);
    expect(await rollup.getFunction('rollupType').staticCall()).toBe('transfers');
    expect(await rollup.getFunction('pool').staticCall()).toBe(deployment.pool);
    expect(await rollup.getFunction('typeRule').staticCall()).toBe(deployment.rule);
    expect(await rollup.getFunction('proofHashCommitEpoch').staticCall()).toBe(3n);
    expect(await rollup.getFunction('proofCommitEpoch').staticCall()).toBe(5n);
    expect(await rollup.getFunction('batchNumToStateRoot').staticCall(0)).toBe(options.genesis.stateRoot);
    expect(await rollup.getFunction('launchBlock').staticCall()).toBe(BigInt(deployment.deployBlock));
    const genesis = await rollup.queryFilter('Genesis', deployment.deployBlock, deployment.deployBlock);
    expect(genesis.map((log) => rollup.interface.parseLog(log)?.args.toArray())).toEqual([
      [options.genesis.stateRoot, options.genesis.data],
    ]);

    const named = { salt: SALT, name: 'Pay', metadataUri: 'ipfs://pay' };
    const second = await launchRollup(signer, deployment.factory, { ...options, ...named });
    expect(second.pool).toBe(deployment.pool);
    expect(second.rollup).not.toBe(deployment.rollup);
    const launched = await new Contract(deployment.factory, FACTORY_ABI, provider).queryFilter('RollupLaunched');
    expect(launched).toHaveLength(2);
    const event = FACTORY.parseLog(nth(launched, 1))?.args.toObject();
    expect(event).toMatchObject({ rollup: second.rollup, ...named });
    const foretold: unknown = await new Contract(deployment.factory, FACTORY_ABI, provider)
      .getFunction('rollupAddress')
      .staticCall(ADMIN, SALT);
    expect(foretold).toBe(second.rollup);
    await expect(launchRollup(signer, deployment.factory, { ...options, ...named })).rejects.toThrow(
      new RegExp(`SaltUsed\\(caller ${ADMIN}, salt ${SALT}, rollup ${second.rollup}\\): give another salt`),
    );
  });

  test('a verifier of two contracts is created with the factory, and knows its inner one', async () => {
    const honkVerifierSource = `// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.28;
      contract HonkVerifier {
        function verify(bytes calldata proof, bytes32[] calldata words) external pure returns (bool) {
          return bytes32(proof) == keccak256(abi.encode(words));
        }
      }`;
    const circuitId = `0x${'22'.repeat(32)}` as const;
    const sample = hashSample();
    const rule = transfersRule({ honkVerifierSource, circuitId, developmentSetup: true, proofLength: 32, sample });
    const deployment = await deployZkPow(signer, { ...options, rule });
    const outer = new Contract(deployment.rule, ['function honkVerifier() view returns (address)'], provider);
    const inner = z.string().parse(await outer.getFunction('honkVerifier').staticCall());
    expect(await provider.getCode(inner)).not.toBe('0x');
    const rollup = new Contract(deployment.rollup, ROLLUP_ABI, provider);
    expect(await rollup.getFunction('typeRule').staticCall()).toBe(deployment.rule);
  });

  test('a rule that refuses its sample, or that takes a broken one, is not registered', async () => {
    const { rule } = await deployZkPow(signer, options);
    const { statement, proof } = simulatedSample();
    const wrong = { statement, proof: Uint8Array.from(proof).reverse() };
    await expect(
      deployZkPow(signer, { ...options, rule: { kind: 'deployed', address: rule, sample: wrong } }),
    ).rejects.toThrow(/SampleRefused\(rule 0x\w{40}, gasGiven 50000\): give a right proof of the sample statement/);
    const anyProof = { kind: 'deployed', address: await yesSayer(), sample: simulatedSample() } as const;
    await expect(deployZkPow(signer, { ...options, rule: anyProof })).rejects.toThrow(
      /BrokenProofAccepted\(rule 0x\w{40}, changedByte 0\): the rule does not check proofs/,
    );
  });

  /** A rule that takes every proof. */
  async function yesSayer(): Promise<string> {
    const source = `// SPDX-License-Identifier: MIT
      pragma solidity ^0.8.28;
      contract YesSayer {
        function verify() external pure {}
        function parts() external pure returns (address[] memory) { return new address[](0); }
        function verificationGas() external pure returns (uint256) { return 50000; }
        function proofLengths() external pure returns (uint256, uint256) { return (1, 64); }
        fallback() external { assembly { mstore(0, 1) return(0, 32) } }
      }`;
    const contracts = await compileContracts({ extraSources: { YesSayer: source } });
    const { abi, bytecode } = contractNamed(contracts, 'YesSayer');
    const created = await new ContractFactory(abi, bytecode, signer).deploy();
    await created.waitForDeployment();
    return created.getAddress();
  }

  test('a wrong option stops the launch before anything is sent', async () => {
    const nonce = await provider.getTransactionCount(ADMIN);
    await expect(deployZkPow(signer, { ...options, t1Seconds: 0 })).rejects.toThrow(
      't1Seconds: 0, must be a whole number, 1 to 86400',
    );
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
    expect(launchSettings(await withBlockTime(provider, options), false)).toMatchObject({ blockTimeMs: 2000 });
    expect(await withBlockTime(provider, { ...options, blockTimeSeconds: 5 })).toMatchObject({ blockTimeSeconds: 5 });
    const signer = new Wallet(FUNDED_KEYS[0], provider);
    const short = { ...options, rule: REAL_RULE, t2Seconds: 64 };
    await expect(deployZkPow(signer, short)).rejects.toThrow(/t2Seconds: 64, under 300 .* set it to 300 or more/);
    await expect(launchRollup(signer, ADMIN, short)).rejects.toThrow(/t2Seconds: 64, under 300/);
    expect(await provider.getTransactionCount(ADMIN)).toBe(0);
  } finally {
    provider.destroy();
    await chain.stop();
  }
});

test('all wrong options are named at once', () => {
  const wrong = {
    ...{ ...options, t1Seconds: 0, t2Seconds: 1_209_601, tMinSeconds: 86_401, admin: 'me', rewardCap: -1n },
    ...{ minimumReserve: 0n, silenceShare: 99, lateShare: 5_001, adminDelaySeconds: 0, blockTimeSeconds: 0.04 },
    rollupType: '',
  };
  const message = messageOf(() => checkLaunch(wrong, LOCAL));
  const named = [
    ...['t1Seconds: 0', 't2Seconds: 1209601', 'tMinSeconds: 86401', 'admin: me', 'rewardCap: -1', 'rollupType'],
    ...['minimumReserve: 0', 'silenceShare, wrongProofShare: must', 'lateShare: 5001', 'adminDelaySeconds: 0'],
    'blockTimeSeconds: 0.04',
  ];
  for (const name of named) expect(message).toContain(name);
});

test('proofs that anybody can forge are refused on a public chain', () => {
  expect(() => checkLaunch(options, PUBLIC)).toThrow(/simulated proofs .* local chains only, chain id is 1/);
  const ruleWith = (developmentSetup: boolean) =>
    transfersRule({
      ...{ honkVerifierSource: '', circuitId: '0x', proofLength: 64, sample: simulatedSample() },
      developmentSetup,
    });
  expect(() => checkLaunch({ ...options, rule: ruleWith(true) }, PUBLIC)).toThrow(/development one/);
  expect(() => checkLaunch({ ...options, blockTimeSeconds: 12, rule: ruleWith(false) }, PUBLIC)).not.toThrow();
});

test('a T2 that miners may miss needs an explicit flag on a public chain', () => {
  const short = { ...options, rule: REAL_RULE, blockTimeSeconds: 2, t2Seconds: 299 };
  expect(() => checkLaunch(short, PUBLIC)).toThrow(/t2Seconds: 299, under 300.*allowShortWindows/);
  expect(() => checkLaunch({ ...short, allowShortWindows: true }, PUBLIC)).not.toThrow();
  expect(() => checkLaunch({ ...short, t2Seconds: 300 }, PUBLIC)).not.toThrow();
  expect(() => checkLaunch({ ...short, t2Seconds: 1 }, LOCAL)).not.toThrow();
  const untimed = { ...options, rule: REAL_RULE };
  expect(() => checkLaunch(untimed, PUBLIC)).toThrow(/blockTimeSeconds: must be given for chain id 1,/);
  expect(() => checkLaunch({ ...untimed, blockTimeSeconds: 0 }, PUBLIC)).toThrow(
    /blockTimeSeconds: 0, must be 0.05 to 60/,
  );
});

test('nobody is shut out before ten minutes on a public chain, and a wrong proof costs all that was put at risk', () => {
  expect(launchSettings(options, true)).toMatchObject({ t1Seconds: 240, t2Seconds: 384, tMinSeconds: 240 });
  expect(launchSettings(options, false)).toMatchObject({
    tMinSeconds: 600,
    silenceShare: 1000,
    wrongProofShare: 10_000,
  });
  expect(launchSettings({ ...options, t1Seconds: 700 }, false)).toMatchObject({ tMinSeconds: 700 });
});

/** A statement whose right proof, for the verifier of the test, is the hash of its public inputs. */
function hashSample(): RuleSample {
  const { statement } = simulatedSample();
  const words = [ZeroHash, ZeroHash, toBeHex(1, 32), toBeHex(1, 32), ...Array<string>(7).fill(ZeroHash)];
  const proof = getBytes(keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32[]'], [words])));
  return { statement, proof };
}

function messageOf(call: () => void): string {
  try {
    call();
  } catch (error) {
    return String(error);
  }
  throw new Error('the call was expected to throw');
}
