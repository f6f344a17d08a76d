import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Contract, parseEther, Wallet, type BigNumberish } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import { openByHand } from '../../scripts/by-hand/by-hand.js';
import { minerCallText, runMinerCall } from '../../scripts/miner/miner-calls.js';
import { parseMinerCommand } from '../../scripts/miner/miner-command.js';
import { readMinerReport } from '../../scripts/miner/miner-status.js';
import { minerReportText } from '../../scripts/miner/miner-status-text.js';
import { startSenderChain, T1, T2, type SenderChain } from '../sender/chain-scene.js';
import { openScene, revealOf, type SenderScene } from '../sender/sender-scene.js';
import { commitMined, minedOnceWaiting } from '../sender/sender-steps.js';
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
  return minerReportText(await readMinerReport(chain.provider, scene.rollup, scene.wallet.address, () => 0n));
}

/** Commits by hand to a proof that there is none of. */
async function commitJunk(finalBatch: number): Promise<number> {
  const rollup = new Contract(scene.rollup, ROLLUP_ABI, scene.wallet);
  const sequence = { firstBatch: finalBatch, lastBatch: finalBatch };
  const hash = `0x${'77'.repeat(32)}`;
  const args = await leastCommitment(chain.provider, scene.rollup, scene.wallet.address, sequence, hash);
  const send = () => rollup.getFunction('submitProofHash').send(...args);
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

  test('deposit: the coins are part of the stake', async () => {
    expect(await miner('deposit 1.5')).toMatch(/^Deposited 1.5 in block \d+, transaction 0x\w{64}$/);
    expect(await status()).toMatch(/Stake +201.5: 201.5 free, 0 reserved/);
  });

  test('withdraw: at once, of what no commitment reserves', async () => {
    const round = await commitJunk(1);
    expect(await status()).toMatch(/Stake +200: 190 free, 10 reserved\nHeld here +10, no cap\n/);
    expect(await status()).toMatch(
      `\n  batch 1, round ${round}: 10 at risk, of which silence takes 1 and a wrong proof 10; ` +
        `its proof is due in blocks ${round + T1} to ${round + T1 + T2 - 1}\n`,
    );
    await expect(miner('withdraw 190.5')).rejects.toThrow(
      /free stake of 0x\w+ is 190, less than 190.5: commitments reserve 10 until they are settled$/,
    );
    const before = await chain.provider.getBalance(scene.wallet.address);
    expect(await miner('withdraw 20')).toMatch(/^Withdrew 20, which leaves a stake of 180, in block/);
    const gained = (await chain.provider.getBalance(scene.wallet.address)) - before;
    expect(gained).toBeGreaterThan(parseEther('19.9'));
    await chain.mine(T1 + T2);
    await expect(miner('withdraw 175')).rejects.toThrow(
      `commitments reserve 10 until they are settled. "npm run miner -- settle --rollup ${scene.rollup}" frees 9 of it`,
    );
    await miner('settle');
    expect(await miner('withdraw 179')).toMatch(/^Withdrew 179, which leaves a stake of 0, in block/);
    expect(await status()).toMatch(
      `! The free stake is 0, a commitment reserves 10: npm run miner -- deposit 10 --rollup ${scene.rollup}`,
    );
  });

  test('cap: what this rollup may hold of the stake', async () => {
    expect(await miner('cap 15.5')).toMatch(
      /^This rollup may hold 15.5 of the stake at most from now on: set in block/,
    );
    await commitJunk(1);
    expect(await status()).toMatch(/Held here +10, your cap is 15.5\nA commit needs +10; 5.5 may be reserved/);
    expect(await status()).toMatch(
      /! Your cap of 15.5 for this rollup, which holds 10, leaves too little for a commitment, which reserves 10: npm/,
    );
    expect(await miner('cap 2')).toMatch(/2 of the stake at most, too little for a commitment, which needs 10, from/);
    expect(await miner('cap none')).toMatch(/^This rollup may hold any part of the stake from now on: set in block/);
    expect(await status()).toMatch(/Held here +10, no cap\n/);
  });

  test('settle: the penalty of a round that failed is booked, and what is left of its reserve is free', async () => {
    const round = await commitJunk(1);
    await expect(miner('settle')).rejects.toThrow(/no commitment whose round is over and not booked yet/);
    await chain.mine(T1 + T2);
    expect(await status()).toMatch(/To settle +1: frees 9, books 0 of rewards\n/);
    expect(await status()).toMatch(
      `batch 1, round ${round}, committed in block ${round}: failed: npm run miner -- settle --rollup ${scene.rollup}`,
    );
    expect(await miner('settle')).toMatch(/^Settled 1 commitment: freed 9, booked rewards of 0 in block/);
    expect(await status()).toMatch(/Stake +199: 199 free, 0 reserved/);
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

  test('claim: what is over is settled first, then what is owed is taken', async () => {
    await fundRewards(parseEther('5'));
    await expect(miner('claim')).rejects.toThrow(/No reward .* nothing to claim/);
    const round = await haveFirstAccepted();
    const end = round + T1 + T2;
    await expect(miner('claim')).rejects.toThrow(/booked once the reveal window of its round is over/);
    expect(await status()).toMatch(
      new RegExp(`batch 1, round ${round}: proof accepted; its share is booked by "settle" from block ${end} on`),
    );
    expect(await status()).toMatch(/batch 1, round \d+, .*: accepted, its share not booked yet$/);
    await chain.mine(T2);
    expect(await status()).toMatch(/Rewards owed +0\nTo settle +1: frees 0, books 0.1 of rewards\n/);
    expect(await miner('claim')).toMatch(
      /^Settled 1 commitment: freed 0, booked rewards of 0.1. Claimed 0.1 in block \d+, transaction 0x\w{64}$/,
    );
    expect(await status()).toMatch(/Rewards owed +0\nTo settle +nothing\n/);
    expect(await status()).toMatch(/: 1, rewards 0.1, penalties 0\n {2}batch 1, round \d+, .*: accepted, reward 0.1$/);
  });

  test('status: a proof that was accepted for nothing is said to have earned nothing', async () => {
    await haveFirstAccepted();
    await chain.mine(T2);
    await miner('settle');
    expect(await status()).toMatch(/: accepted, reward 0: no reward money was left for the rollup$/);
  });

  test('status: what the admin has announced', async () => {
    const admin = new Wallet(FUNDED_KEYS[0], chain.provider);
    const rollup = new Contract(scene.rollup, ROLLUP_ABI, admin);
    const settings = {
      ...{ blockTimeMs: 1_000, t1Seconds: T1, t2Seconds: 3, tMinSeconds: T1, silenceShare: 1_000, lateShare: 2_500 },
      ...{ wrongProofShare: 10_000, minimumReserve: parseEther('20'), rewardPerSequence: parseEther('0.1') },
      ...{ rewardPerBatch: parseEther('0.01'), rewardCap: parseEther('1'), rule: chain.deployment.rule },
    };
    await atOnce(async () => (await rollup.getFunction('proposeSettings').send(settings)).wait());
    await atOnce(async () => (await rollup.getFunction('scheduleRollback').send(2)).wait());
    expect(await status()).toMatch(
      new RegExp(
        '! Its admin proposes other settings, which may be put in force in blocks \\d+ to \\d+: ' +
          `T2 ${T2} blocks -> 3 blocks, least reserve 10 -> 20\n` +
          '! Its admin may take out every unverified sequence from batch 2 on, from block \\d+ on',
      ),
    );
  });
});

/**
 * Commits to the first sequence and reveals its proof.
 *
 * @returns the block that opened its round
 */
async function haveFirstAccepted(): Promise<number> {
  const [first] = scene.sequences;
  if (!first) throw new Error('two were posted');
  const sender = await scene.startSender();
  const round = await commitMined(chain, scene, sender, first);
  await chain.mine(T1);
  await minedOnceWaiting(chain, scene, sender.send(revealOf(first, round)));
  return round;
}
