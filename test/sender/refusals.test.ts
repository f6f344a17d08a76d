import { MockActivityEnvironment } from '@temporalio/testing';
import { Contract, parseUnits, toQuantity } from 'ethers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSenderActivities } from '../../activities/sender/create-sender-activities.js';
import type { ProofSender } from '../../activities/sender/proof-sender.js';
import { createSenderFinalProofs } from '../../activities/sender/stored-final-proofs.js';
import { findTransaction, type StepKey } from '../../activities/sender/transactions.js';
import { createWalletRpc } from '../../activities/sender/wallet-rpc.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import type { Hex } from '../../domain/sequence.js';
import { eventually, startSenderChain, T1, T2, type SenderChain } from './chain-scene.js';
import { commitOf, openScene, refusing, revealOf, TEST_SETTINGS, type SenderScene } from './sender-scene.js';
import {
  commitMined,
  commitsOnChain,
  firstOf,
  minedOnceWaiting,
  rowOf,
  untilState,
  untilWaiting,
} from './sender-steps.js';

let chain: SenderChain;
let scene: SenderScene;

beforeAll(async () => {
  chain = await startSenderChain();
});
beforeEach(() => mineWithBaseFee('1'));
afterEach(() => scene.close());
afterAll(() => chain.stop());

async function mineWithBaseFee(gwei: string): Promise<void> {
  await chain.provider.send('anvil_setNextBlockBaseFeePerGas', [toQuantity(parseUnits(gwei, 'gwei'))]);
  await chain.mine();
}

/** Asks for a step that cannot be sent, and returns what its workflow is told. */
async function heldUp(sender: Pick<ProofSender, 'send'>, key: StepKey): Promise<string> {
  const told = new Promise<string>((resolve, reject) => {
    const onHeldUp = (reason: string | null): void => (reason === null ? undefined : resolve(reason));
    sender.send(key, { onHeldUp }).then(
      () => reject(new Error('it was sent')),
      () => undefined,
    );
  });
  const reason = await told;
  await eventually('it stands in the row', async () => (await rowOf(scene, key)).note === reason);
  expect((await rowOf(scene, key)).state).toBe('prepared');
  return reason;
}

describe('a step that is refused sends nothing', () => {
  afterEach(async () => {
    expect(await chain.waiting(scene.wallet.address)).toEqual([]);
  });

  test('a wallet without gas: its address, and how much is missing', async () => {
    scene = await openScene(chain);
    await chain.provider.send('anvil_setBalance', [scene.wallet.address, '0x64']);
    const sender = await scene.startSender();
    const reason = await heldUp(sender, commitOf(firstOf(scene)));
    expect(reason).toMatch(new RegExp(`Wallet ${scene.wallet.address} holds .* send it at least`));
  });

  test('a fee cap below the base fee: both numbers, and the setting', async () => {
    scene = await openScene(chain);
    await mineWithBaseFee('300');
    const sender = await scene.startSender();
    const reason = await heldUp(sender, commitOf(firstOf(scene)));
    expect(reason).toMatch(/337\.5 gwei.*200\.0 gwei.*ZKPOW_COMMIT_FEE_CAP_GWEI/);
  });

  test('confirmations of half of T2', async () => {
    scene = await openScene(chain);
    const sender = await scene.startSender({ settings: { ...TEST_SETTINGS, confirmations: T2 / 2 } });
    const reason = await heldUp(sender, commitOf(firstOf(scene)));
    expect(reason).toContain(`T2 of rollup ${scene.rollup} is ${T2} blocks`);
  });

  test('a proof that the verifier does not take, whatever the store believes', async () => {
    scene = await openScene(chain);
    const sound = createSenderFinalProofs(scene.finals, scene.pool);
    const finalProofs = {
      ...sound,
      toCommit: async (...asked: Parameters<typeof sound.toCommit>) => {
        const final = await sound.toCommit(...asked);
        return final && { ...final, proof: final.proof.map((byte) => byte ^ 1) };
      },
    };
    const sender = await scene.startSender({ finalProofs });
    expect(await heldUp(sender, commitOf(firstOf(scene)))).toContain('is not committed to');
    expect(await commitsOnChain(chain, scene)).toBe(0);
  });

  test('a reveal whose proof would be refused', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sound = createSenderFinalProofs(scene.finals, scene.pool);
    const finalProofs = {
      ...sound,
      committedTo: async (...asked: Parameters<typeof sound.committedTo>) => {
        const final = await sound.committedTo(...asked);
        return final && { ...final, proof: final.proof.map((byte) => byte ^ 1) };
      },
    };
    const sender = await scene.startSender({ finalProofs });
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    expect(await heldUp(sender, revealOf(sequence, round))).toContain('is not accepted, so it is not sent');
  });

  test('a committed proof that is lost', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const finalProofs = { ...createSenderFinalProofs(scene.finals, scene.pool), committedTo: async () => null };
    const sender = await scene.startSender({ finalProofs });
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    expect(await heldUp(sender, revealOf(sequence, round))).toContain('is in neither the database nor a file');
  });
});

describe('a step that is refused is checked again at every block', () => {
  test('a reveal is sent in the block after the wallet has coins again', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    const round = await commitMined(chain, scene, sender, sequence);
    await chain.mine(T1 - 1);
    await chain.provider.send('anvil_setBalance', [scene.wallet.address, '0x64']);
    const key = revealOf(sequence, round);
    const told: (string | null)[] = [];
    const revealed = sender.send(key, { onHeldUp: (reason) => void told.push(reason) });
    await eventually('it is refused', async () => told.length > 0);

    await chain.provider.send('anvil_setBalance', [scene.wallet.address, toQuantity(10n ** 20n)]);
    await chain.mine();
    expect(await minedOnceWaiting(chain, scene, revealed)).toMatchObject({ result: 'mined' });
    expect(told).toEqual([expect.stringContaining('send it at least'), null]);
  });

  test('a commit is, and a settle is', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sender = await scene.startSender();
    await mineWithBaseFee('300');
    const commit = sender.send(commitOf(sequence));
    await eventually('it is refused', async () => (await noteOf(commitOf(sequence))).includes('COMMIT_FEE_CAP'));
    await mineWithBaseFee('1');
    const { blockNumber } = await minedOnceWaiting(chain, scene, commit);
    const round = blockNumber ?? 0;
    await chain.mine(T1 + T2);

    await mineWithBaseFee('300');
    const key = { sequence, step: 'settle', tryNumber: round, round } as const;
    const settle = sender.send(key);
    await eventually('it is refused', async () => (await noteOf(key)).includes('COMMIT_FEE_CAP'));
    await mineWithBaseFee('1');
    expect(await minedOnceWaiting(chain, scene, settle)).toMatchObject({ result: 'mined' });
  });
});

async function noteOf(key: StepKey): Promise<string> {
  const row = await findTransaction(scene.pool, key, scene.wallet.address);
  return row?.note ?? '';
}

describe('a step under way that has become useless', () => {
  test('a commit that missed the hash window is cancelled by the sender itself', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const sound = createWalletRpc(chain.endpoints);
    let poolIsFull = true;
    const broadcast = async (raw: Hex) => (poolIsFull ? refusing('txpool is full') : sound.broadcast(raw));
    const sender = await scene.startSender({ rpc: { ...sound, broadcast } });
    const committed = sender.send(commitOf(sequence));
    await untilState(scene, commitOf(sequence), 'pending');

    // A rival opens the round, and its hash window passes before ours could land.
    const rival = await chain.miner(scene.rollup);
    const rollup = new Contract(scene.rollup, ROLLUP_ABI, rival);
    const hash = `0x${'77'.repeat(32)}`;
    const args = await leastCommitment(chain.provider, scene.rollup, rival.address, sequence, hash);
    await rollup.getFunction('submitProofHash').send(...args);
    await chain.mine(T1);
    const noOpSigned = async () => (await rowOf(scene, commitOf(sequence))).attempts.at(-1)?.purpose === 'no-op';
    await eventually('a no-op is signed', noOpSigned);

    poolIsFull = false;
    await chain.mine();
    expect(await minedOnceWaiting(chain, scene, committed)).toMatchObject({ result: 'cancelled' });
    expect(await commitsOnChain(chain, scene)).toBe(0);
  });
});

describe('the activities', () => {
  test('end with the outcome, and a cancelled one leaves the step to go on', async () => {
    scene = await openScene(chain);
    const sequence = firstOf(scene);
    const activities = createSenderActivities(await scene.startSender());
    const request = { sequence, tryNumber: 1 };

    const cancelled = new MockActivityEnvironment();
    const waiting = cancelled.run(activities.submitProofHash, request);
    waiting.catch(() => undefined);
    await untilWaiting(chain, scene);
    cancelled.cancel();
    await expect(waiting).rejects.toThrow('CANCELLED');

    const again = new MockActivityEnvironment().run(activities.submitProofHash, request);
    expect(await minedOnceWaiting(chain, scene, again)).toMatchObject({ result: 'mined' });
    expect(await commitsOnChain(chain, scene)).toBe(1);
  });

  test('cancelStep of a step that was never asked for sends nothing', async () => {
    scene = await openScene(chain);
    const activities = createSenderActivities(await scene.startSender());
    const step = { step: 'commit', tryNumber: 9, round: null } as const;
    const outcome = await new MockActivityEnvironment().run(activities.cancelStep, { sequence: firstOf(scene), step });
    expect(outcome).toEqual({ result: 'cancelled', transactionHash: null, blockNumber: null, gasUsed: null });
  });
});

describe('secrets', () => {
  test('the key is in no row and no log line, and the signed bytes are in no log line', async () => {
    scene = await openScene(chain);
    const sender = await scene.startSender();
    const round = await commitMined(chain, scene, sender, firstOf(scene));
    await chain.mine(T1 - 1);
    await minedOnceWaiting(chain, scene, sender.send(revealOf(firstOf(scene), round)));
    await eventually('something was logged', async () => scene.logged.length > 0);

    const key = scene.wallet.privateKey.slice(2).toLowerCase();
    const { rows } = await scene.pool.query<{ row: string }>(
      `SELECT to_jsonb(t)::text AS row FROM transactions t UNION ALL SELECT to_jsonb(a)::text FROM transaction_attempts a`,
    );
    const everything = [...rows.map(({ row }) => row), ...scene.logged].join('\n').toLowerCase();
    expect(rows).toHaveLength(4);
    expect(everything).not.toContain(key);
    const { attempts } = await rowOf(scene, commitOf(firstOf(scene)));
    expect(scene.logged.join('\n')).not.toContain(attempts[0]?.raw.slice(2));
  });
});

describe('a chain without a base fee', () => {
  test('gets a legacy transaction', async () => {
    scene = await openScene(chain);
    const sound = createWalletRpc(chain.endpoints);
    const rpc = { ...sound, head: async () => ({ ...(await sound.head()), baseFeePerGas: null }) };
    const sender = await scene.startSender({ rpc });
    const committed = sender.send(commitOf(firstOf(scene)));
    const [hash = ''] = await untilWaiting(chain, scene);
    expect((await chain.provider.getTransaction(hash))?.type).toBe(0);
    await chain.mine();
    expect(await committed).toMatchObject({ result: 'mined' });
  });
});
