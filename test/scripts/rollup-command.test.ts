import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { selectRollup, insertRollup } from '../../activities/storage/rollups.js';
import { pauseContract } from '../../scripts/rollup/pause-contract.js';
import { pauseOwnSide } from '../../scripts/rollup/pause-own-side.js';
import { parseRollupCommand } from '../../scripts/rollup/rollup-command.js';
import { CHAIN_ID, startSenderChain, T1, type SenderChain } from '../sender/chain-scene.js';
import { commitOf, openScene, revealOf, type SenderScene, type StartedSender } from '../sender/sender-scene.js';
import { commitMined, commitsOnChain, minedOnceWaiting } from '../sender/sender-steps.js';
import { FUNDED_KEYS } from '../transfers/local-chain.js';

const runDirectory = mkdtempSync(join(tmpdir(), 'zkpow-rollup-command-'));
let chain: SenderChain;
let scene: SenderScene;
let sender: StartedSender;

beforeAll(async () => {
  chain = await startSenderChain();
});
beforeEach(async () => {
  scene = await openScene(chain, 2);
  const row = { chainId: CHAIN_ID, rollup: scene.rollup, rollupType: 'transfers', fromBlock: 0 };
  await insertRollup(scene.pool, { ...row, startBatch: 1, following: true });
  sender = await scene.startSender();
});
afterEach(() => scene.close());
afterAll(async () => {
  await chain.stop();
  rmSync(runDirectory, { recursive: true });
});

const own = (paused: boolean) => pauseOwnSide(scene.pool, { chainId: CHAIN_ID, rollup: scene.rollup }, paused);

/** `pause` or `resume` of the contract, in a block of its own. */
async function contract(paused: boolean, key: string = FUNDED_KEYS[0]): Promise<string> {
  await chain.provider.send('evm_setAutomine', [true]);
  try {
    return await pauseContract(chain.provider, scene.rollup, { ZKPOW_ADMIN_KEY: key }, paused, {
      runDirectory,
      report: () => undefined,
    });
  } finally {
    await chain.provider.send('evm_setAutomine', [false]);
  }
}

describe.each([
  ['by the miner', own],
  ['in the contract', contract],
])('a rollup that is paused %s', (_where, pause) => {
  test('gets no new proofHash, but the reveal that is owed; resumed, it goes on', async () => {
    const [first, second] = scene.sequences;
    if (!first || !second) throw new Error('two were posted');
    const round = await commitMined(chain, scene, sender, first);
    await pause(true);
    expect(await sender.send(commitOf(second))).toMatchObject({ result: 'cancelled', transactionHash: null });

    await chain.mine(T1);
    const revealed = await minedOnceWaiting(chain, scene, sender.send(revealOf(first, round)));
    expect(revealed).toMatchObject({ result: 'mined' });
    expect(await commitsOnChain(chain, scene)).toBe(1);

    await pause(false);
    const committed = await minedOnceWaiting(chain, scene, sender.send(commitOf(second, 2)));
    expect(committed).toMatchObject({ result: 'mined' });
    expect(await commitsOnChain(chain, scene)).toBe(2);
  });

  test('is paused once, and resumed once', async () => {
    await expect(pause(false)).rejects.toThrow(/is not paused/);
    await pause(true);
    await expect(pause(true)).rejects.toThrow(/is paused already/);
  });
});

test('the contract is paused by its admin only: both addresses', async () => {
  await expect(contract(true, FUNDED_KEYS[1])).rejects.toThrow(
    /The admin of 0x\w+ is 0x\w+, the key in ZKPOW_ADMIN_KEY is that of 0x\w+/,
  );
});

test('a rollup that is not followed cannot be paused: the command that follows it', async () => {
  const unknown = { chainId: CHAIN_ID, rollup: scene.wallet.address };
  await expect(pauseOwnSide(scene.pool, unknown, true)).rejects.toThrow(/is not followed: "npm run start-rollup -- 0x/);
  expect(await selectRollup(scene.pool, unknown)).toBeNull();
});

test('the command line names what is wrong', () => {
  expect(parseRollupCommand(['pause', '--contract'])).toEqual({ rollup: undefined, paused: true, contract: true });
  expect(() => parseRollupCommand(['halt'])).toThrow(/There is no "halt", known: pause, resume/);
  expect(() => parseRollupCommand(['pause', '0x1', '0x2'])).toThrow(/Too many arguments: 0x2/);
});
