import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, JsonRpcProvider, NonceManager, Wallet } from 'ethers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import { deployZkPow } from '../../contracts/deploy.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { homeAt } from '../../local-stack/home.js';
import { demoGenesis, demoSequences } from '../../rollup-types/transfers/sequencer/demo-transfers.js';
import { postSequence } from '../../scripts/sequencer/post-sequence.js';
import { prepareSequences } from '../../rollup-types/transfers/sequencer/prepare-sequences.js';
import { readRollupHistory } from '../../scripts/sequencer/read-rollup-history.js';
import { type RollupHistory } from '../../domain/type-sequencer.js';
import { runSequencer } from '../../scripts/sequencer/run-sequencer.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from './local-chain.js';
import { simulatedRule } from '../../provers/backends/simulated/simulated-rule.js';
import { TRANSFERS_LAYOUT } from '../../rollup-types/transfers/transfers-rule.js';

const [SEQUENCER_KEY, OTHER_KEY] = FUNDED_KEYS;

describe('on a real chain', () => {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-sequencer-'));
  const home = join(directory, 'home');
  let chain: LocalChain;
  let provider: JsonRpcProvider;
  let rollup: string;

  beforeAll(async () => {
    chain = await startLocalChain();
    provider = new JsonRpcProvider(chain.rpcUrl, undefined, { pollingInterval: 50, cacheTimeout: -1 });
  });
  afterAll(async () => {
    provider.destroy();
    await chain.stop();
    rmSync(directory, { recursive: true });
  });
  beforeEach(async () => {
    const signer = new NonceManager(new Wallet(SEQUENCER_KEY, provider));
    const admin = await signer.getAddress();
    const options = {
      rollupType: 'transfers',
      rule: simulatedRule(TRANSFERS_LAYOUT),
      ...{ blockTimeSeconds: 1, t1Seconds: 5, t2Seconds: 5, adminDelaySeconds: 1 },
    } as const;
    ({ rollup } = await deployZkPow(signer, { ...options, admin, sequencer: admin, genesis: demoGenesis() }));
  });

  async function replayed(history: RollupHistory) {
    const replay = openTransfersReplay(history.rollup, history.genesis);
    for (const batch of history.batches) await replay.apply(batch);
    return replay;
  }

  function fileWith(content: string): string {
    const path = join(directory, 'transfers.json');
    writeFileSync(path, content);
    return path;
  }

  /** What the sequencer reports of a file. */
  async function run(content: string, allowInvalid = false): Promise<string[]> {
    const lines: string[] = [];
    const options = { rpcUrls: [chain.rpcUrl], rollup, privateKey: SEQUENCER_KEY, allowInvalid };
    const byHand = { runDirectory: homeAt(home).run, report: (line: string) => void lines.push(line) };
    await runSequencer({ file: fileWith(content), ...options }, byHand);
    // What is being sent has tests of its own.
    return lines.filter((line) => !line.startsWith('Sending the posting: transaction 0x'));
  }

  /** A file of the demo's first two accounts with these transfers, one sequence each. */
  function fileOf(...transfers: string[]): string {
    const sequences = transfers.map((transfer) => `{ "batches": [{ "transfers": [${transfer}] }] }`);
    const accounts = ['alice', 'bob'].map((name) => `{ "name": "${name}", "devSeed": "${name}" }`);
    return `{ "accounts": [${accounts.join()}],\n "sequences": [\n${sequences.join(',\n')}] }`;
  }

  test('what is posted is what a replay of the chain finds, in the numbers the contract gave', async () => {
    const signer = new Wallet(SEQUENCER_KEY, provider);
    const before = await readRollupHistory(provider, rollup);
    const state = { rollup: before.rollup, accounts: (await replayed(before)).accounts() };
    const options = { fileName: 'demo', timestamp: before.timestamp, allowInvalid: false };
    const { sequences } = prepareSequences(demoSequences([1, 2]), state, options);
    const posted = [];
    for (const batches of sequences) posted.push(await postSequence(signer, rollup, batches));

    expect(posted.map(({ firstBatch, lastBatch }) => [firstBatch, lastBatch])).toEqual([
      [1, 1],
      [2, 3],
    ]);
    const after = await readRollupHistory(provider, rollup);
    expect(after.batches.map(({ batchNumber }) => batchNumber)).toEqual([1, 2, 3]);
    expect(after.batches[0]?.accInputHash).toBe(posted[0]?.accInputHash);
    const replay = await replayed(after);
    expect(replay.accInputHash).toBe(posted[1]?.accInputHash);
    expect(replay.stateRoot).not.toBe(after.genesis.stateRoot);
  });

  test('the command posts a file and says where', async () => {
    const path = fileWith(fileOf('{ "from": "alice", "to": "bob", "amount": 3 }'));
    const env = {
      ...process.env,
      // No stack of this checkout may have a say.
      ZKPOW_HOME: `${path}.home`,
      // The first endpoint is dead: the second one has to do.
      ZKPOW_RPC_URL: `http://127.0.0.1:9,${chain.rpcUrl}`,
      ZKPOW_ROLLUP: rollup,
      ZKPOW_SEQUENCER_KEY: SEQUENCER_KEY,
    };
    const command = spawn(process.execPath, ['--import', 'tsx', 'scripts/sequencer.ts', path], { env });
    let output = '';
    command.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    command.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await once(command, 'close');
    expect(output).toMatch(
      /^Sending the posting: .*\nsequence 1\/1: batches 1 to 1 \(1\), accInputHash 0x[0-9a-f]{64}, tx 0x[0-9a-f]{64}/,
    );
    expect(command.exitCode).toBe(0);
  });

  test('a file goes on where the chain stands', async () => {
    const transfer = '{ "from": "alice", "to": "bob", "amount": 4 }';
    await run(fileOf(transfer));
    const lines = await run(fileOf(transfer, transfer));
    expect(lines.map((line) => line.slice(0, 34))).toEqual([
      'sequence 1/2: batches 2 to 2 (1), ',
      'sequence 2/2: batches 3 to 3 (1), ',
    ]);
    const accounts = (await replayed(await readRollupHistory(provider, rollup))).accounts();
    expect(accounts.account(0)).toMatchObject({ balance: 999_988n, nonce: 3n });
  });

  test('a file with a mistake anywhere posts nothing', async () => {
    const good = '{ "from": "alice", "to": "bob", "amount": 4 }';
    await expect(run(fileOf(good, '{ "from": "bob", "to": "alice", "amount": 9000000 }'))).rejects.toThrow(
      /line 4, sequences\[1\].*amount is 9000000, but account 1 holds 1000004/,
    );
    await expect(run(fileOf(good, '{ "from": "bob", "to": "alice" }'))).rejects.toThrow(
      /line 4, sequences\[1\].batches\[0\].transfers\[0\]: amount is missing/,
    );
    expect((await readRollupHistory(provider, rollup)).batches).toEqual([]);
  });

  test('invalid transfers are posted where that is asked for, and leave the state as it is', async () => {
    const file = fileOf('{ "from": "alice", "to": "bob", "amount": 4, "signature": { "s": 1, "e": 2 } }');
    const lines = await run(file, true);
    expect(lines[0]).toMatch(/^no-op: line 3, .*: signature is not the one of account 0's key/);
    expect(lines[1]).toMatch(/^sequence 1\/1/);
    const history = await readRollupHistory(provider, rollup);
    expect((await replayed(history)).stateRoot).toBe(history.genesis.stateRoot);
    expect(history.batches).toHaveLength(1);
  });

  test('batches that were rolled back are not replayed', async () => {
    await run(fileOf(...Array.from({ length: 3 }, () => '{ "from": "alice", "to": "bob", "amount": 1 }')));
    const contract = new Contract(rollup, ROLLUP_ABI, new NonceManager(new Wallet(SEQUENCER_KEY, provider)));
    for (const [name, argument] of [
      ['scheduleRollback', 2],
      ['executeRollback', 5],
    ] as const) {
      await provider.send('evm_mine', []);
      await (await contract.getFunction(name).send(argument)).wait();
    }
    expect((await readRollupHistory(provider, rollup)).batches.map(({ batchNumber }) => batchNumber)).toEqual([1]);
    await provider.send('evm_mine', []);
    const [line] = await run(fileOf('{ "from": "alice", "to": "bob", "amount": 5 }'));
    expect(line).toMatch(/^sequence 1\/1: batches 2 to 2/);
    const accounts = (await replayed(await readRollupHistory(provider, rollup))).accounts();
    expect(accounts.account(0).balance).toBe(999_994n);
  });

  test('only the sequencer may post, and needs gas; both are said before anything is sent', async () => {
    const [batch] = [
      { transactions: '0x', globalExitRoot: `0x${'0'.repeat(64)}`, timestamp: 0, minForcedTimestamp: 0 },
    ] as const;
    const stranger = new Wallet(OTHER_KEY, provider);
    await expect(postSequence(stranger, rollup, [batch])).rejects.toThrow(
      /Only 0xf39F.* may post .* the key given is that of 0x7099.*ZKPOW_SEQUENCER_KEY/,
    );
    const contract = new Contract(rollup, ROLLUP_ABI, new Wallet(SEQUENCER_KEY, provider));
    const poor = Wallet.createRandom().connect(provider);
    await (await contract.getFunction('setSequencer').send(poor.address)).wait();
    await expect(postSequence(poor, rollup, [batch])).rejects.toThrow(/nothing on chain 31337 to pay gas with/);
    expect(await provider.getTransactionCount(stranger.address)).toBe(0);
  });

  test('what the contract refuses is told in its own words', async () => {
    const signer = new Wallet(SEQUENCER_KEY, provider);
    const batch = {
      transactions: '0x01',
      globalExitRoot: `0x${'0'.repeat(64)}`,
      timestamp: 0,
      minForcedTimestamp: 0,
    } as const;
    await expect(postSequence(signer, rollup, [batch])).rejects.toThrow(
      'the posting is refused: BatchDataLength(batchIndex 0, length 1, recordBytes 160, maxRecords 8)',
    );
    const future = { ...batch, transactions: '0x', timestamp: 2 ** 40 } as const;
    await expect(postSequence(signer, rollup, [future])).rejects.toThrow(
      /BatchTimestamp\(batchIndex 0, timestamp 1099511627776/,
    );
  });

  /** So many sequences of so many batches without a transfer. */
  function emptyBatches(...counts: number[]): string {
    const batches = (count: number) => `{ "batches": [${Array(count).fill('{ "transfers": [] }').join()}] }`;
    return `{ "accounts": [{ "name": "alice", "devSeed": "alice" }],\n "sequences": [\n${counts.map(batches).join(',\n')}] }`;
  }

  test('a sequence larger than nodes take is named before anything is posted', async () => {
    const nonce = await provider.getTransactionCount(new Wallet(SEQUENCER_KEY).address);
    await expect(run(emptyBatches(1, 700, 1, 800))).rejects.toThrow(
      /^Nothing was posted\. In .*\nsequence 2 \(700 batches\) makes a transaction of 134700 bytes, nodes take at most 131072: put about 681 of its batches.*\nsequence 4 \(800 batches\)/,
    );
    expect(await provider.getTransactionCount(new Wallet(SEQUENCER_KEY).address)).toBe(nonce);
  });

  test('killed while a posting waits to be mined, the same command goes on, and posts nothing twice', async () => {
    const transfer = '{ "from": "alice", "to": "bob", "amount": 4 }';
    const file = fileOf(transfer, transfer, transfer);
    await provider.send('evm_setAutomine', [false]);
    // As `run` connects and keeps: the home's run directory is `directory`.
    const env = { ...process.env, ZKPOW_HOME: home, ZKPOW_RPC_URL: chain.rpcUrl, ZKPOW_ROLLUP: rollup };
    const args = ['--import', 'tsx', 'scripts/sequencer.ts', fileWith(file)];
    const command = spawn(process.execPath, args, { env: { ...env, ZKPOW_SEQUENCER_KEY: SEQUENCER_KEY } });
    let output = '';
    command.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const waiting = async () => Number(await provider.send('eth_getBlockTransactionCountByNumber', ['pending']));
    await expect.poll(waiting).toBe(1);
    await provider.send('anvil_mine', []);
    await expect.poll(() => output).toMatch(/sequence 1\/3: .*\nSending the posting: transaction 0x/);
    await expect.poll(waiting).toBe(1);
    command.kill('SIGKILL');
    await once(command, 'close');
    await provider.send('anvil_mine', []);
    await provider.send('evm_setAutomine', [true]);

    expect(await run(file)).toEqual([
      expect.stringMatching(/^An earlier run sent transaction 0x\w{64}, nonce \d+: looking for it/),
      'An earlier run has posted 2 of 3 sequences: going on with the next',
      expect.stringMatching(/^sequence 3\/3: batches 3 to 3/),
    ]);
    const [again] = await run(file);
    expect(again, 'a whole file that is posted anew is another one').toMatch(/^sequence 1\/3: batches 4 to 4/);
  });

  test('an address without a contract, or with another one, is named', async () => {
    const empty = Wallet.createRandom().address;
    await expect(readRollupHistory(provider, empty)).rejects.toThrow(`There is no contract at ${empty} on chain 31337`);
    const pool: unknown = await new Contract(rollup, ROLLUP_ABI, provider).getFunction('pool')();
    await expect(readRollupHistory(provider, String(pool))).rejects.toThrow(/is no ZkPowRollup/);
  });
});
