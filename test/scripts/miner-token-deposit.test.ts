import { readFile } from 'node:fs/promises';
import { Contract, ContractFactory, JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { POOL_ABI } from '../../contracts/abi.js';
import { compileContracts, contractNamed } from '../../contracts/compile.js';
import { deployZkPow, type Deployment } from '../../contracts/deploy.js';
import { runMinerCall } from '../../scripts/miner/miner-calls.js';
import { sendByHand } from '../../scripts/miner/miner-contracts.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from '../transfers/local-chain.js';

const TOKENS = new URL('../../contracts/test/support/Tokens.sol', import.meta.url);

let chain: LocalChain;
let provider: JsonRpcProvider;
let miner: Wallet;
let token: Contract;
let deployment: Deployment;

beforeAll(async () => {
  chain = await startLocalChain();
  provider = new JsonRpcProvider(chain.rpcUrl, 31_337, { staticNetwork: true, pollingInterval: 20, cacheTimeout: -1 });
  const admin = new Wallet(FUNDED_KEYS[0], provider);
  const contracts = await compileContracts({ extraSources: { Tokens: await readFile(TOKENS, 'utf8') } });
  const { abi, bytecode } = contractNamed(contracts, 'TestToken');
  const deployed = await new ContractFactory(abi, bytecode, admin).deploy();
  await deployed.waitForDeployment();
  token = new Contract(await deployed.getAddress(), abi, admin);
  deployment = await deployZkPow(admin, {
    rollupType: 'transfers',
    verifier: { kind: 'simulated' },
    admin: admin.address,
    sequencer: admin.address,
    genesis: { stateRoot: `0x${'11'.repeat(32)}`, data: '0x' },
    asset: await deployed.getAddress(),
  });
  miner = new Wallet(FUNDED_KEYS[1], provider);
  await sendByHand(token, 'mint', [miner.address, parseEther('70')]);
});
afterAll(async () => {
  provider.destroy();
  await chain.stop();
});

const deposit = (amount: string) =>
  runMinerCall({ command: 'deposit', amountWei: parseEther(amount) }, deployment.rollup, miner);

const sentByMiner = () => provider.getTransactionCount(miner.address);

test('npm run miner -- deposit, where the pool keeps a token', async () => {
  await expect(deposit('70.5')).rejects.toThrow(
    /holds 70 of the token 0x\w{40}, which the pool keeps; this needs 70.5: send it 0.5 of the token first/,
  );
  expect(await sentByMiner()).toBe(0);

  expect(await deposit('60')).toMatch(/^Deposited 60 in block \d+/);
  const pool = new Contract(deployment.pool, POOL_ABI, miner);
  expect(await pool.getFunction('freeDepositOf')(deployment.rollup, miner.address)).toBe(parseEther('60'));
  expect(await token.getFunction('balanceOf')(miner.address)).toBe(parseEther('10'));
  expect(await token.getFunction('allowance')(miner.address, deployment.pool)).toBe(0n);
  expect(await sentByMiner()).toBe(2);

  const approving = new Contract(await token.getAddress(), token.interface, miner);
  await sendByHand(approving, 'approve', [deployment.pool, parseEther('10')]);
  await deposit('4');
  expect(await sentByMiner(), 'nothing is approved that was before').toBe(4);

  await expect(sendByHand(pool, 'deposit', [deployment.rollup, 1n], 1n)).rejects.toThrow(
    /refuses deposit: WrongValue\(sent 1, expected 0\): .* a pool of a token takes no coins/,
  );
});
