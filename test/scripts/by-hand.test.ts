import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JsonRpcProvider, parseEther, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { createPoolProvider } from '../../activities/chain/endpoints/pool-provider.js';
import { awaitReceipt, NonceTakenError } from '../../contracts/await-receipt.js';
import { deployZkPow } from '../../contracts/deploy.js';
import { openByHand, type ByHand } from '../../scripts/by-hand/by-hand.js';
import { minerCallText, runMinerCall } from '../../scripts/miner/miner-calls.js';
import { startRpcProxy, type RpcProxy } from '../../lab/scenarios/rpc-proxy.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from '../transfers/local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT } from '../../rollup-types/transfers/transfers-rule.js';

const runDirectory = mkdtempSync(join(tmpdir(), 'zkpow-by-hand-'));
let chain: LocalChain;
let proxy: RpcProxy;
/** Past the proxy. */
let direct: JsonRpcProvider;
/** Through it. */
let provider: JsonRpcProvider;
let wallet: Wallet;
let rollup: string;

beforeAll(async () => {
  chain = await startLocalChain();
  proxy = await startRpcProxy(chain.rpcUrl);
  const connect = (url: string) => new JsonRpcProvider(url, 31337, { staticNetwork: true, cacheTimeout: -1 });
  [direct, provider] = [connect(chain.rpcUrl), connect(proxy.url)];
  wallet = new Wallet(FUNDED_KEYS[1], provider);
  const admin = new Wallet(FUNDED_KEYS[0], direct);
  const who = { admin: admin.address, sequencer: admin.address };
  const genesis = { stateRoot: `0x${'11'.repeat(32)}`, data: '0x' } as const;
  const rule = simulatedRule(TRANSFERS_LAYOUT);
  ({ rollup } = await deployZkPow(admin, { rollupType: 'transfers', rule, ...who, genesis }));
});
afterAll(async () => {
  for (const open of [direct, provider]) open.destroy();
  await proxy.close();
  await chain.stop();
  rmSync(runDirectory, { recursive: true });
});

const quietly = { runDirectory, report: () => undefined };
const mine = () => direct.send('anvil_mine', []);
const nonceOf = () => direct.getTransactionCount(wallet.address);

/** A run of `npm run miner -- deposit AMOUNT`. */
async function startDeposit(amount: string): Promise<{ lines: string[]; done: Promise<string>; hash(): string }> {
  const call = { command: 'deposit', amount } as const;
  const lines: string[] = [];
  const options = { runDirectory, report: (line: string) => void lines.push(line) };
  const byHand: ByHand = await openByHand(wallet, minerCallText(call, rollup), options);
  const hash = () => /transaction (0x[0-9a-f]{64})/.exec(lines[0] ?? '')?.[1] ?? '';
  return { lines, done: runMinerCall(call, rollup, byHand), hash };
}

describe('a deposit that is not mined at once', () => {
  test('says its hash before it is sent; the same command finds it, and pays once', async () => {
    await direct.send('evm_setAutomine', [false]);
    const nonce = await nonceOf();
    const first = await startDeposit('60');
    await expect
      .poll(() => first.lines)
      .toEqual([expect.stringMatching(/^Sending deposit: transaction 0x\w{64}, nonce/)]);
    // The first one is interrupted here: nobody reads what it says later.
    const second = await startDeposit('60');
    await expect.poll(() => second.lines).toHaveLength(1);
    expect(second.lines[0]).toMatch(/^An earlier "npm run miner -- deposit 60 --rollup 0x\w{40}" sent transaction/);
    expect(second.hash()).toBe(first.hash());
    await mine();
    expect(await second.done).toMatch(
      /^Done by the earlier command, in block \d+, transaction 0x\w{64}. Nothing was sent now/,
    );
    await first.done;
    expect(await nonceOf()).toBe(nonce + 1);
    await direct.send('evm_setAutomine', [true]);
    expect(await (await startDeposit('60')).done, 'typed anew it is another deposit').toMatch(/^Deposited 60 in block/);
    expect(await nonceOf()).toBe(nonce + 2);
  });

  test('is sent again with the same bytes when the node has forgotten it', async () => {
    await direct.send('evm_setAutomine', [false]);
    const nonce = await nonceOf();
    const first = await startDeposit('61');
    await expect.poll(() => direct.getTransaction(first.hash())).not.toBeNull();
    await direct.send('anvil_dropTransaction', [first.hash()]);
    const second = await startDeposit('61');
    await expect.poll(() => direct.getTransaction(first.hash())).not.toBeNull();
    await mine();
    expect(await second.done).toContain(first.hash());
    await first.done;
    expect(await nonceOf()).toBe(nonce + 1);
    await direct.send('evm_setAutomine', [true]);
  });

  test('a broadcast whose answer is lost is no failure', async () => {
    proxy.setFaults(({ method }) => (method === 'eth_sendRawTransaction' ? 'break after' : null));
    const nonce = await nonceOf();
    expect(await (await startDeposit('62')).done).toMatch(/^Deposited 62 in block/);
    expect(await nonceOf()).toBe(nonce + 1);
    proxy.setFaults(null);
  });

  test('a broadcast that is refused for good is told in the words of the node, and can be typed again', async () => {
    const error = { code: -32000, message: 'insufficient funds for gas * price + value' };
    proxy.setFaults(({ method }) => (method === 'eth_sendRawTransaction' ? { error } : null));
    await expect((await startDeposit('63')).done).rejects.toThrow(/^deposit is refused: .*insufficient funds/);
    proxy.setFaults(null);
    expect(await (await startDeposit('63')).done).toMatch(/^Deposited 63 in block/);
  });

  test('a broadcast of which nobody knows whether it was taken is looked for, and paid once', async () => {
    proxy.setFaults(({ method }) => (method === 'eth_sendRawTransaction' ? 'refuse' : null));
    const nonce = await nonceOf();
    const { done, lines } = await startDeposit('65');
    await expect.poll(() => lines.at(-1)).toBe('Whether the chain has it is not known (overloaded): looking for it');
    proxy.setFaults(null);
    expect(await done).toMatch(/^Deposited 65 in block/);
    expect(await nonceOf()).toBe(nonce + 1);
  });
});

describe('a command on the pool of endpoints', () => {
  test('ends when the node refuses the broadcast in words that ethers does not know, and can be typed again', async () => {
    const pool = createEndpointPool({ chainId: 31_337, urls: [proxy.url] });
    const by = new Wallet(FUNDED_KEYS[1], createPoolProvider(pool));
    const call = { command: 'deposit', amount: '64' } as const;
    const deposit = async () => runMinerCall(call, rollup, await openByHand(by, minerCallText(call, rollup), quietly));
    const error = { code: -32000, message: 'tx fee (1.20 ether) exceeds the configured cap (1.00 ether)' };
    proxy.setFaults(({ method }) => (method === 'eth_sendRawTransaction' ? { error } : null));
    await expect(deposit()).rejects.toThrow(
      /^deposit is refused: The node refuses eth_sendRawTransaction: tx fee \(1\.20 ether\) exceeds/,
    );
    proxy.setFaults(null);
    expect(await deposit()).toMatch(/^Deposited 64 in block/);
    pool.close();
  });
});

describe('waiting for a transaction', () => {
  const lines: string[] = [];
  const waiting = { what: 'the deposit', report: (line: string) => void lines.push(line), sayEveryMs: 1 };

  async function sendCoins(): Promise<{ hash: string; from: string; nonce: number }> {
    lines.splice(0);
    return new Wallet(FUNDED_KEYS[1], direct).sendTransaction({ to: wallet.address, value: parseEther('1') });
  }

  test('says now and then what it waits for, with hash and head', async () => {
    await direct.send('evm_setAutomine', [false]);
    const sent = await sendCoins();
    const receipt = awaitReceipt(provider, sent, waiting);
    await expect
      .poll(() => lines.at(-1))
      .toMatch(new RegExp(`^Waiting for the deposit, transaction ${sent.hash}: not mined, the chain is at block \\d+`));
    await mine();
    expect((await receipt).hash).toBe(sent.hash);
    await direct.send('evm_setAutomine', [true]);
  });

  test('goes on when the endpoint fails or gives no receipt of what is mined', async () => {
    proxy.setFaults(({ method }) => (method === 'eth_getTransactionReceipt' ? 'refuse' : null));
    const sent = await sendCoins();
    const receipt = awaitReceipt(provider, sent, waiting);
    await expect.poll(() => lines.at(-1)).toMatch(/the endpoint does not answer \(overloaded\)/);
    proxy.setFaults(null);
    expect((await receipt).status).toBe(1);
  });

  test('ends when another transaction took the nonce', async () => {
    const sent = await sendCoins();
    const other = { ...sent, hash: `0x${'77'.repeat(32)}` };
    const lost = awaitReceipt(provider, other, { ...waiting, nonceDoubtedForMs: 1 });
    await expect(lost).rejects.toThrow(NonceTakenError);
    await expect(lost).rejects.toThrow(/will not be mined, since another one of 0x\w{40} with the same nonce \d+ was/);
  });
});
