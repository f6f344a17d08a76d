import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, parseEther, Wallet, type BigNumberish } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import { setProverAside } from '../../activities/storage/provers.js';
import { createPool } from '../../activities/storage/database.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { openByHand } from '../../scripts/by-hand/by-hand.js';
import { takeProverBack } from '../../scripts/miner/known-provers.js';
import { minerCallText, runMinerCall } from '../../scripts/miner/miner-calls.js';
import { parseMinerCommand } from '../../scripts/miner/miner-command.js';
import { minerReportText, readMinerReport } from '../../scripts/miner/miner-status.js';
import { startSenderChain, T1, T2, type SenderChain } from '../sender/chain-scene.js';
import { openScene, revealOf, type SenderScene } from '../sender/sender-scene.js';
import { commitMined, minedOnceWaiting } from '../sender/sender-steps.js';
import { openTestDatabase } from '../support/database.js';
import { FUNDED_KEYS } from '../transfers/local-chain.js';

const runDirectory = mkdtempSync(join(tmpdir(), 'zkpow-miner-calls-'));
let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
afterAll(async () => {
  await chain.stop();
  rmSync(runDirectory, { recursive: true });
});

/** With a block for each transaction, as people call a chain that goes on. */
async function atOnce<T>(work: () => Promise<T>): Promise<T> {
  await chain.provider.send('evm_setAutomine', [true]);
  try {
    return await work();
  } finally {
    await chain.provider.send('evm_setAutomine', [false]);
  }
}

/** `npm run miner -- …`, as a person types it. */
function miner(line: string): Promise<string> {
  const command = parseMinerCommand(line.split(' '));
  if (command?.command !== 'call') throw new Error(`${line} calls nothing`);
  const { call } = command;
  return atOnce(async () => {
    const options = { runDirectory, report: () => undefined };
    return runMinerCall(call, scene.rollup, await openByHand(scene.wallet, minerCallText(call, scene.rollup), options));
  });
}

/** What `npm run miner -- status` shows. */
async function status(): Promise<string> {
  return minerReportText(await readMinerReport(chain.provider, scene.rollup, scene.wallet.address));
}

const skipBlocks = (blocks: number) => chain.provider.send('anvil_mine', [`0x${blocks.toString(16)}`]);

/** Commits by hand to a proof that there is none of. */
async function commitJunk(finalBatch: number): Promise<number> {
  const rollup = new Contract(scene.rollup, ROLLUP_ABI, scene.wallet);
  const send = () => rollup.getFunction('submitProofHash').send(finalBatch - 1, finalBatch, `0x${'77'.repeat(32)}`);
  return atOnce(async () => (await (await send()).wait())?.blockNumber ?? 0);
}

async function fundRewards(amountWei: BigNumberish): Promise<void> {
  const admin = new Wallet(FUNDED_KEYS[0], chain.provider);
  const pool = new Contract(chain.deployment.pool, POOL_ABI, admin);
  await atOnce(async () => (await pool.getFunction('fund').send(scene.rollup, amountWei, { value: amountWei })).wait());
}

describe('npm run miner', () => {
  beforeEach(async () => {
    scene = await openScene(chain, 2);
  });
  afterEach(() => scene.close());

  test('deposit: the coins are in the pool', async () => {
    expect(await miner('deposit 1.5')).toMatch(/^Deposited 1.5 in block \d+, transaction 0x\w{64}$/);
    expect(await status()).toMatch(/Deposit +201.5: 201.5 free, 0 reserved/);
  });

  test('withdraw: asked for, and taken after the delay', async () => {
    const [, block = ''] = /from block (\d+) on/.exec(await miner('withdraw 20')) ?? [];
    await expect(miner('withdraw')).rejects.toThrow(new RegExp(`20 may be taken from block ${block} on`));
    await expect(miner('withdraw 180.5')).rejects.toThrow(/free deposit of 0x\w+ is 180, less than 180.5/);
    const before = await chain.provider.getBalance(scene.wallet.address);
    await skipBlocks(Number(block) - (await chain.blockNumber()));
    expect(await miner('withdraw')).toMatch(/^Withdrew 20 in block/);
    const gained = (await chain.provider.getBalance(scene.wallet.address)) - before;
    expect(gained).toBeGreaterThan(parseEther('19.9'));
    expect(await status()).toMatch(/Deposit +180: /);
  });

  test('settle: the penalty of a round that failed is booked, and its reserve is free', async () => {
    const round = await commitJunk(1);
    await expect(miner('settle')).rejects.toThrow(/no commitment whose round is over/);
    await chain.mine(T1 + T2);
    expect(await status()).toMatch(
      `batch 1, round ${round}, committed in block ${round}: failed: npm run miner -- settle --rollup ${scene.rollup}`,
    );
    expect(await miner('settle')).toMatch(/^Settled 1 commitment in block/);
    expect(await status()).toMatch(/Deposit +199: 199 free, 0 reserved/);
    expect(await status()).toMatch(/Rounds since block \d+: 1, rewards 0, penalties 1\n.*: silence, penalty 1$/);
  });

  test('take-back: the hash of a sequence whose predecessor is not verified', async () => {
    const round = await commitJunk(2);
    await expect(miner('take-back 2')).rejects.toThrow(
      /takeBackProofHash is refused: TakeBackTooEarly\(blockNumber \d+, fromBlock \d+\): wait for that block/,
    );
    await chain.mine(T1);
    expect(await miner('take-back 2')).toMatch(
      /^Took back the proofHash of the sequence that ends with batch 2 in block/,
    );
    expect(await status()).toMatch(`batch 2, round ${round}, committed in block ${round}: taken back`);
    expect(await status()).toMatch(/200 free, 0 reserved/);
  });

  test('claim: the reward of an accepted proof', async () => {
    await fundRewards(parseEther('5'));
    await expect(miner('claim')).rejects.toThrow(/No reward .* nothing to claim/);
    await haveFirstAccepted();
    expect(await status()).toMatch(/Rewards owed +0.1\n/);
    expect(await status()).toMatch(/: 1, rewards 0.1, penalties 0\n {2}batch 1, round \d+, .*: accepted, reward 0.1$/);
    expect(await miner('claim')).toMatch(/^Claimed 0.1 in block/);
    expect(await status()).toMatch(/Rewards owed +0\n/);
  });

  test('status: a proof that was accepted for nothing is said to have earned nothing', async () => {
    await haveFirstAccepted();
    expect(await status()).toMatch(/: accepted, reward 0: no reward money was left for the rollup$/);
  });
});

/** Commits to the first sequence and reveals its proof. */
async function haveFirstAccepted(): Promise<void> {
  const [first] = scene.sequences;
  if (!first) throw new Error('two were posted');
  const sender = await scene.startSender();
  const round = await commitMined(chain, scene, sender, first);
  await chain.mine(T1);
  await minedOnceWaiting(chain, scene, sender.send(revealOf(first, round)));
}

test('npm run miner -- readmit-prover: a machine that was set aside may add proofs again', async () => {
  const database = await openTestDatabase();
  const login = await grantProver(database.pool, 'rig-1');
  const own = createPool(proverDatabaseUrl(database.url, login), 1);
  try {
    await setProverAside(database.pool, 'rig-1', 'it lied');
    await expect(createProverStore(own).findProof('0'.repeat(64))).rejects.toThrow(/set aside: it lied/);
    const done = await takeProverBack(database.pool, 'rig-1');
    expect(done).toBe('rig-1 may prove again; it was set aside for: it lied');
    expect(await createProverStore(own).findProof('0'.repeat(64))).toBeNull();

    expect(await takeProverBack(database.pool, 'rig-1')).toBe('rig-1 is not set aside: its proofs are taken');
    await expect(takeProverBack(database.pool, 'rig-2')).rejects.toThrow(/no prover "rig-2", known: rig-1\./);
  } finally {
    await own.end();
    await database.close();
  }
});
