import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, ContractFactory, JsonRpcProvider, parseEther, parseUnits, Wallet, type BigNumberish } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { POOL_ABI } from '../../contracts/abi.js';
import { compileContracts, contractNamed } from '../../contracts/compile.js';
import { deployZkPow, type Deployment } from '../../contracts/deploy.js';
import { sendBy } from '../../contracts/send-transaction.js';
import { openByHand } from '../../scripts/by-hand/by-hand.js';
import { callOf } from '../../scripts/miner/miner-contracts.js';
import { minerCallText, runMinerCall } from '../../scripts/miner/miner-calls.js';
import { readMinerStatus } from '../../scripts/miner/miner-status.js';
import { minerStatusText } from '../../scripts/miner/miner-status-text.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from '../transfers/local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT } from '../../rollup-types/transfers/transfers-rule.js';

const TOKENS = new URL('../../contracts/test/support/Tokens.sol', import.meta.url);

const runDirectory = mkdtempSync(join(tmpdir(), 'zkpow-token-deposit-'));
let chain: LocalChain;
let provider: JsonRpcProvider;
let miner: Wallet;
let token: Contract;
let deployment: Deployment;

beforeAll(async () => {
  chain = await startLocalChain();
  provider = new JsonRpcProvider(chain.rpcUrl, 31_337, { staticNetwork: true, pollingInterval: 20, cacheTimeout: -1 });
  miner = new Wallet(FUNDED_KEYS[1], provider);
});
afterAll(async () => {
  provider.destroy();
  await chain.stop();
  rmSync(runDirectory, { recursive: true });
});

/** A rollup whose pool keeps this token, of which the miner holds some. */
async function openTokenRollup(name: 'TestToken' | 'OldToken', held: BigNumberish): Promise<void> {
  const admin = new Wallet(FUNDED_KEYS[0], provider);
  const contracts = await compileContracts({ extraSources: { Tokens: await readFile(TOKENS, 'utf8') } });
  const { abi, bytecode } = contractNamed(contracts, name);
  const deployed = await new ContractFactory(abi, bytecode, admin).deploy();
  await deployed.waitForDeployment();
  const asset = await deployed.getAddress();
  deployment = await deployZkPow(admin, {
    rollupType: 'transfers',
    rule: simulatedRule(TRANSFERS_LAYOUT),
    admin: admin.address,
    sequencer: admin.address,
    genesis: { stateRoot: `0x${'11'.repeat(32)}`, data: '0x' },
    asset,
  });
  token = new Contract(asset, abi, miner);
  await callAsMiner(token, 'mint', [miner.address, held]);
}

async function deposit(amount: string): Promise<string> {
  const call = { command: 'deposit', amount } as const;
  const options = { runDirectory, report: () => undefined };
  const byHand = await openByHand(miner, minerCallText(call, deployment.rollup), options);
  return runMinerCall(call, deployment.rollup, byHand);
}

/** Calls a contract as the miner. */
async function callAsMiner(contract: Contract, name: string, args: unknown[], valueWei = 0n): Promise<void> {
  await sendBy(miner)(await callOf(contract, name, args, () => undefined, valueWei));
}

const approve = (amount: BigNumberish) => callAsMiner(token, 'approve', [deployment.pool, amount]);
const balance = () => token.getFunction('balanceOf')(miner.address);
const sentByMiner = () => provider.getTransactionCount(miner.address);

describe('npm run miner, where the pool keeps a token', () => {
  test('deposit approves as much as is missing, and says what the wallet lacks', async () => {
    await openTokenRollup('TestToken', parseEther('70'));
    const sent = await sentByMiner();
    await expect(deposit('70.5')).rejects.toThrow(
      /holds 70 of the token 0x\w{40}, which the pool keeps; this needs 70.5: send it 0.5 of the token first/,
    );
    expect(await sentByMiner()).toBe(sent);

    expect(await deposit('60')).toMatch(/^Deposited 60 in block \d+/);
    const pool = new Contract(deployment.pool, POOL_ABI, miner);
    expect(await pool.getFunction('reservableOf')(deployment.rollup, miner.address)).toBe(parseEther('60'));
    expect(await balance()).toBe(parseEther('10'));
    expect(await token.getFunction('allowance')(miner.address, deployment.pool)).toBe(0n);
    expect(await sentByMiner()).toBe(sent + 2);

    await approve(parseEther('10'));
    await deposit('4');
    expect(await sentByMiner(), 'nothing is approved that was before').toBe(sent + 4);

    await expect(callAsMiner(pool, 'deposit', [1n], 1n)).rejects.toThrow(
      /deposit is refused: WrongValue\(sent 1, expected 0\): .* a pool of a token takes no coins/,
    );
  });

  test('amounts are in whole tokens, and an allowance is set to zero before it is changed', async () => {
    await openTokenRollup('OldToken', parseUnits('500', 6));
    await expect(deposit('0.1234567')).rejects.toThrow(
      /0.1234567 is finer than the token 0x\w{40}, which has 6 digits at most behind the point/,
    );
    await approve(1n);
    expect(await deposit('150.25')).toMatch(/^Deposited 150.25 in block \d+/);
    expect(await balance()).toBe(parseUnits('349.75', 6));

    const shown = minerStatusText(await readMinerStatus(provider, deployment.rollup, miner.address, () => 0n));
    expect(shown).toMatch(/Kept in +the token OLD 0x\w{40}, 6 digits behind the point/);
    expect(shown).toMatch(/Stake +150.25: 150.25 free, 0 reserved/);
  });
});
