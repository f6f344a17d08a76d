import { JsonRpcProvider, Wallet } from 'ethers';
import { afterAll, describe, expect, test } from 'vitest';
import { readChainRules, TRANSACTION_GAS_CAP } from '../../contracts/chain-rules.js';
import { compileContracts } from '../../contracts/compile.js';
import { createAll } from '../../contracts/create-contracts.js';
import { deployZkPow } from '../../contracts/deploy.js';
import type { LaunchOptions } from '../../contracts/launch-options.js';
import { postSequence } from '../../scripts/sequencer/post-sequence.js';
import { mostFullBatches, requirePostable } from '../../scripts/sequencer/posting-size.js';
import type { BatchData } from '../../domain/type-sequencer.js';
import { startGeth, type Rules } from '../support/geth.js';
import { madeWithGo } from '../support/made-with-go.js';
import { FUNDED_KEYS, type LocalChain } from '../transfers/local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT } from '../../rollup-types/transfers/transfers-rule.js';
import { demoType } from '../../rollup-types/registry.js';

const MOST_FULL_BATCHES = mostFullBatches(demoType.sequencer);

const ADMIN = new Wallet(FUNDED_KEYS[0]).address;
const options: LaunchOptions = {
  rollupType: 'transfers',
  rule: simulatedRule(TRANSFERS_LAYOUT),
  admin: ADMIN,
  sequencer: ADMIN,
  genesis: { stateRoot: `0x${'11'.repeat(32)}`, data: '0x0123' },
};
const EMPTY = { globalExitRoot: `0x${'0'.repeat(64)}`, timestamp: 0, minForcedTimestamp: 0 } as const;
/** In the order of their creation. */
const CONTRACTS = ['ZkPowPool', 'RollupViews', 'ZkPowRollup', 'SimulatedRule', 'ZkPowFactory'];

interface GethChain extends LocalChain {
  provider: JsonRpcProvider;
}

async function openGeth(rules: Rules): Promise<GethChain> {
  const chain = await startGeth({ rules, blockTimeSeconds: 0 });
  const provider = new JsonRpcProvider(chain.rpcUrl, 31337, { staticNetwork: true, cacheTimeout: -1 });
  return {
    rpcUrl: chain.rpcUrl,
    provider,
    stop: () => {
      provider.destroy();
      return chain.stop();
    },
  };
}

describe.each(['osaka', 'amsterdam'] as const)("by %s's rules, on geth", (rules) => {
  let started: GethChain | undefined;
  const chain = madeWithGo(async () => (started = await openGeth(rules)));
  afterAll(() => started?.stop());

  test('all contracts are created, each in a transaction that a node takes, and a rollup is launched', async (context) => {
    const { provider } = chain(context);
    const { rollup } = await deployZkPow(new Wallet(FUNDED_KEYS[0], provider), options);
    expect(await provider.getCode(rollup)).not.toBe('0x');
    const used = await Promise.all(CONTRACTS.map((_, nonce) => creationGas(provider, nonce)));
    console.log(`${rules}: gas of each`, Object.fromEntries(CONTRACTS.map((name, index) => [name, used[index]])));
    const overTheCap = CONTRACTS.filter((_, index) => (used[index] ?? 0n) > TRANSACTION_GAS_CAP);
    // Of Amsterdam's 1,530 gas a byte of code none counts against the cap of a transaction (EIP-8037).
    expect(overTheCap).toEqual(rules === 'osaka' ? [] : ['RollupViews', 'ZkPowRollup']);
  });

  test('a posting of the largest size that the sequencer lets through is taken, a larger one is not', async (context) => {
    const { provider } = chain(context);
    const signer = new Wallet(FUNDED_KEYS[0], provider);
    const { rollup } = await deployZkPow(signer, options);
    const batch: BatchData = { transactions: `0x${'ff'.repeat(1280)}`, ...EMPTY };
    const batches = Array<BatchData>(MOST_FULL_BATCHES).fill(batch);
    const place = { fileName: 'f.json', rollup, sequencer: ADMIN, provider, before: 0 };
    await requirePostable([batches], place);
    expect(await postSequence(signer, rollup, batches)).toMatchObject({ lastBatch: MOST_FULL_BATCHES });
    const larger = [...batches, batch];
    await expect(requirePostable([larger], place)).rejects.toThrow(/^Nothing was posted.*\nsequence 1 \(\d+ batches\)/);
    await expect(postSequence(signer, rollup, larger)).rejects.toThrow(
      /oversized data: transaction size \d+, limit 131072/,
    );
  });

  test('one that no transaction has the gas for is named before anything is sent', async (context) => {
    const { provider } = chain(context);
    const nonce = await provider.getTransactionCount(ADMIN);
    const contracts = { ...(await compileContracts()), Endless: { abi: [], bytecode: '0x5b5f56' } as const };
    const chainRules = await readChainRules(provider);
    const creations = [
      { name: 'SimulatedRule', args: [160, 8, 1280] },
      { name: 'Endless', args: [] },
    ];
    const signer = new Wallet(FUNDED_KEYS[0], provider);
    const parts = { signer, provider, rules: chainRules, contracts, report: () => undefined };
    const allowed = rules === 'osaka' ? '16,777,216' : '60,000,000';
    await expect(createAll(creations, nonce, parts)).rejects.toThrow(
      new RegExp(`^Creating Endless \\(3 bytes\\) needs more than [\\d,]+ gas.* may have ${allowed} on this chain`),
    );
    expect(await provider.getTransactionCount(ADMIN, 'pending')).toBe(nonce);
  });
});

/** Gas that the account's transaction with a nonce used; it created a contract. */
async function creationGas(provider: JsonRpcProvider, nonce: number): Promise<bigint> {
  for (let number = await provider.getBlockNumber(); number > 0; number--) {
    const block = await provider.getBlock(number, true);
    const found = block?.prefetchedTransactions.find((transaction) => transaction.nonce === nonce);
    if (found?.to === null) return (await provider.getTransactionReceipt(found.hash))?.gasUsed ?? 0n;
  }
  throw new Error(`no contract was created with nonce ${nonce}`);
}
