import { randomBytes } from 'node:crypto';
import { parseEther } from 'ethers';
import { describe, expect, test } from 'vitest';
import { ensureRollupIsRead } from '../../activities/chain/rollup-directory.js';
import { setRollupPaused } from '../../activities/storage/rollups.js';
import { decide } from '../../domain/decide.js';
import type { Statement } from '../../domain/proof.js';
import type { BlockRef, SequenceView } from '../../domain/sequence-view.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { word32 } from '../support/proof-samples.js';
import { CONFIRMATIONS, openTestChain } from '../support/test-chain.js';
import { T1, T2 } from '../support/test-rollup.js';
import { finalProof, postAndProve, proveFor, readView, setViewScene, statementOf } from './view-scene.js';

const ADMIN_DELAY_BLOCKS = 3;
// A block a second.
const scene = setViewScene({ adminDelaySeconds: ADMIN_DELAY_BLOCKS });

function reveal(sequence: SequenceIdentity, statement: Statement, proof: Uint8Array, from = scene.rollup.miner) {
  const { firstBatch, lastBatch } = sequence;
  return scene.rollup.send(from, 'verifyBatches', firstBatch - 1, lastBatch, word32(0), statement.newStateRoot, proof);
}

/** The view that a process gets which has never looked at the sequence before. */
async function readViewAnew(sequence: SequenceIdentity): Promise<SequenceView> {
  const chain = openTestChain(scene.database, scene.rollup.rpcUrl);
  try {
    return await chain.views.readView(sequence, scene.rollup.miner.address);
  } finally {
    await chain.close();
  }
}

describe('the view of a sequence', () => {
  test('leads through both steps to a final acceptance', async () => {
    const { sequence, statement, final } = await postAndProve(scene);
    const posted = await readView(scene, sequence);
    expect(posted).toMatchObject({ posted: true, own: 'none', round: null, verifierSays: 'yes', nextTry: 1 });
    const bound = { termsVersion: 1, reserveWei: parseEther('10').toString() };
    expect(decide(posted)).toMatchObject({ row: 10, action: 'commit', tryNumber: 1, ...bound });

    const { blockNumber: start } = await scene.rollup.commit(scene.rollup.miner, sequence, final.proof);
    const committed = await readView(scene, sequence);
    const round = { start, hashWindowEnd: start + T1, revealStart: start + T1, end: start + T1 + T2 };
    expect(committed).toMatchObject({ own: 'open', ownRound: start, round, storedProofMatchesOwnHash: true });
    expect(decide(committed)).toMatchObject({ row: 14, action: 'sleep-until', untilBlock: start + T1 });

    await scene.rollup.mine(T1 - 2);
    expect(decide(await readView(scene, sequence))).toMatchObject({ row: 14 });
    // The next block is R: a reveal may land in it.
    await scene.rollup.mine(1);
    const due = await readView(scene, sequence);
    expect(due).toMatchObject({ simulatedReveal: 'accepted' });
    expect(decide(due)).toMatchObject({ row: 16, action: 'reveal', round: start });

    const { blockNumber: acceptedBlock } = await reveal(sequence, statement, final.proof);
    expect(acceptedBlock).toBe(start + T1);
    const accepted = await readView(scene, sequence);
    expect(accepted).toMatchObject({ accepted: 'own', own: 'accepted', acceptedBlock, acceptedFinal: false, round });
    expect(decide(accepted)).toMatchObject({ row: 4, action: 'wait' });
    await scene.rollup.mine(CONFIRMATIONS);
    expect(decide(await readView(scene, sequence))).toEqual({ row: 4, action: 'finish', outcome: 'rewarded' });
  });

  test('holds back a commit to a proof that the verifier refuses', async () => {
    const sequence = await scene.rollup.post('0x05');
    const statement = statementOf(sequence, 10, 15, null);
    const tampered = (await proveFor(scene.rollup.miner.address, statement)).map((byte, i) =>
      i === 40 ? byte ^ 1 : byte,
    );
    await scene.chain.finals.add(finalProof(scene, sequence, statement, tampered));
    expect(decide(await readView(scene, sequence))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
  });

  test('never reveals what the simulation refuses, nor without the committed bytes', async () => {
    const { sequence, statement, final } = await postAndProve(scene);
    const wrong = finalProof(scene, sequence, { ...statement, newStateRoot: word32(99) }, randomBytes(64));
    await scene.chain.finals.add(wrong);
    await scene.rollup.commit(scene.rollup.miner, sequence, wrong.proof);
    await scene.rollup.mine(T1 - 1);
    const refused = await readView(scene, sequence);
    expect(refused).toMatchObject({ storedProofMatchesOwnHash: true, simulatedReveal: 'not-accepted' });
    expect(decide(refused)).toMatchObject({ row: 15, reason: 'reveal-would-fail' });

    await scene.database.pool.query('DELETE FROM artifacts WHERE digest = $1', [wrong.proofDigest]);
    const lost = await readView(scene, sequence);
    // The other proof is there, but it is not what was committed to.
    expect(lost).toMatchObject({ finalProofStored: true, storedProofMatchesOwnHash: false });
    expect(decide(lost)).toMatchObject({ row: 15, reason: 'committed-proof-missing' });
    expect(await scene.chain.finals.newestFit(sequence, scene.rollup.miner.address)).toMatchObject({
      proofDigest: final.proofDigest,
    });
  });

  test('tells of failed rounds, settled or not, and of the stake', async () => {
    const { sequence, final } = await postAndProve(scene);
    const { blockNumber: first } = await scene.rollup.commit(scene.rollup.miner, sequence, final.proof);
    await scene.rollup.mine(T1 + T2 - 1);
    const failed = await readView(scene, sequence);
    expect(failed).toMatchObject({ own: 'failed', ownRound: first, unsettledRounds: [first], failedRoundsInARow: 1 });
    expect(decide(failed)).toMatchObject({ row: 10, settleRounds: [first] });

    const { blockNumber: second } = await scene.rollup.commit(scene.rollup.miner, sequence, final.proof);
    await scene.rollup.mine(T1 + T2 - 1);
    await scene.rollup.send(scene.rollup.miner, 'settle', scene.rollup.miner.address, sequence.lastBatch, first);
    const again = await readView(scene, sequence);
    expect(again).toMatchObject({ unsettledRounds: [second], failedRoundsInARow: 2 });
    // Of 60 coins one is booked as a penalty, another will be.
    expect(again).toMatchObject({ freeStakeWei: parseEther('58').toString(), reserveWei: parseEther('10').toString() });
  });

  test("tells a late right from nothing, when another's proof was first", async () => {
    const { sequence, statement, final } = await postAndProve(scene);
    const rival = await proveFor(scene.rollup.owner.address, statement);
    await scene.rollup.commit(scene.rollup.owner, sequence, rival);
    await scene.rollup.commit(scene.rollup.miner, sequence, final.proof);
    await scene.rollup.mine(T1 - 2);
    await reveal(sequence, statement, rival, scene.rollup.owner);
    const late = await readView(scene, sequence);
    // Nobody has paid rewards in.
    expect(late).toMatchObject({
      accepted: 'other',
      own: 'late',
      ownRound: late.round?.start,
      lateRevealWorthItsGas: false,
    });

    await reveal(sequence, statement, final.proof);
    const accepted = await readView(scene, sequence);
    expect(accepted).toMatchObject({ accepted: 'own', own: 'accepted', acceptedFinal: false });
    // The other's acceptance is old enough by now, ours is a block short of it.
    await scene.rollup.mine(CONFIRMATIONS - 1);
    expect(await readViewAnew(sequence)).toMatchObject({ acceptedFinal: false });
    await scene.rollup.mine(1);
    expect(await readViewAnew(sequence)).toMatchObject({ acceptedFinal: true });
  });

  test("of an own proof that comes after another's: in time up to E, late from E on", async () => {
    const { rollup } = scene;
    await rollup.fund('10');
    const { sequence, statement, final } = await postAndProve(scene);
    const rival = await proveFor(rollup.owner.address, statement);
    const { blockNumber: start } = await rollup.commit(rollup.owner, sequence, rival);
    await rollup.commit(rollup.miner, sequence, final.proof);
    await rollup.mine(T1 - 2);
    await reveal(sequence, statement, rival, rollup.owner);
    await rollup.mine(T2 - 2);
    const inTime = await readView(scene, sequence);
    expect(inTime.head.number + 1).toBe(start + T1 + T2 - 1);
    expect(inTime).toMatchObject({ own: 'late', round: { start, end: start + T1 + T2 }, lateRevealWorthItsGas: true });
    expect(decide(inTime)).toMatchObject({ row: 5, action: 'reveal', late: false, round: start });
    await rollup.mine(1);
    const late = await readView(scene, sequence);
    expect(late).toMatchObject({ own: 'late', lateRevealWorthItsGas: true });
    expect(decide(late)).toMatchObject({ row: 5, action: 'reveal', late: true, round: start });
    await reveal(sequence, statement, final.proof);
    expect(await readView(scene, sequence)).toMatchObject({ accepted: 'own', own: 'accepted' });
  });

  test('tells how long ago a sequence was rolled back', async () => {
    const { owner } = scene.rollup;
    const first = await scene.rollup.post('0x05');
    const sequence = await scene.rollup.post('0x06');
    const { blockNumber } = await scene.rollup.send(owner, 'scheduleRollback', sequence.firstBatch);
    const rollbackBlock = blockNumber + ADMIN_DELAY_BLOCKS;
    expect(await readViewAnew(sequence)).toMatchObject({ rollbackBlock });
    expect(await readViewAnew(first)).toMatchObject({ rollbackBlock: null });
    await scene.rollup.mine(ADMIN_DELAY_BLOCKS);
    await scene.rollup.send(owner, 'executeRollback', 1);
    await scene.rollup.mine(CONFIRMATIONS - 1);
    expect(await readViewAnew(sequence)).toMatchObject({ posted: false, absenceFinal: false });
    await scene.rollup.mine(1);
    const gone = await readViewAnew(sequence);
    expect(gone).toMatchObject({ posted: false, absenceFinal: true });
    expect(decide(gone)).toEqual({ row: 2, action: 'finish', outcome: 'rolled-back' });
  });

  test('of a successor waits for the predecessor, with the proof checked against its own task', async () => {
    const first = await scene.rollup.post('0x05');
    const second = await scene.rollup.post('0x02');
    const statement = statementOf(second, 15, 17, first);
    const final = finalProof(scene, second, statement, await proveFor(scene.rollup.miner.address, statement));
    await scene.chain.finals.add(final);
    expect(await readView(scene, second)).toMatchObject({ verifierSays: 'yes' });
    const { blockNumber: start } = await scene.rollup.commit(scene.rollup.miner, second, final.proof);
    const view = await readView(scene, second);
    expect(view.round).toEqual({ start, hashWindowEnd: start + T1, revealStart: null, end: null });
    expect(decide(view)).toMatchObject({ row: 14, waitFor: 'predecessor' });
  });

  test('says when it was paused, and by whom', async () => {
    const sequence = await scene.rollup.post('0x05');
    await ensureRollupIsRead(scene.database.pool, scene.chain.rpc, scene.rollup.ref, {
      startBatch: 1,
      following: true,
    });
    expect(await readView(scene, sequence)).toMatchObject({ paused: 'no' });
    await scene.rollup.send(scene.rollup.owner, 'pause');
    expect(await readView(scene, sequence)).toMatchObject({ paused: 'contract' });
    // The operator's pause stops more.
    await setRollupPaused(scene.database.pool, scene.rollup.ref, true);
    expect(await readView(scene, sequence)).toMatchObject({ paused: 'operator' });
  });
});

describe('reorgs and lagging endpoints', () => {
  test('a posting that left the chain is gone, finally only at the confirmation depth', async () => {
    const sequence = await scene.rollup.post('0x05');
    await scene.rollup.mine(1);
    expect(await readView(scene, sequence)).toMatchObject({ posted: true });
    await scene.rollup.provider.send('anvil_reorg', [2, []]);
    const gone = await readView(scene, sequence);
    expect(gone).toMatchObject({ posted: false, absenceFinal: false });
    expect(decide(gone)).toMatchObject({ row: 2, action: 'wait' });
    await scene.rollup.post('0x06');
    await scene.rollup.mine(CONFIRMATIONS);
    const replaced = await readView(scene, sequence);
    expect(replaced).toMatchObject({ posted: false, absenceFinal: true });
    expect(decide(replaced)).toEqual({ row: 2, action: 'finish', outcome: 'rolled-back' });
  });

  test('a lower head is dropped while the last one is in the chain, and used once that has left it', async () => {
    const sequence = await scene.rollup.post('0x05');
    await scene.rollup.mine(3);
    const { head } = await readView(scene, sequence);
    expect(await readView(scene, sequence, head)).toMatchObject({ stale: false });
    // As an endpoint that lags: the last block used is above its head and not known to it.
    const ahead: BlockRef = { number: head.number + 1, hash: `0x${'ab'.repeat(32)}` };
    const dropped = await readView(scene, sequence, ahead);
    expect(dropped).toMatchObject({ stale: true });
    expect(decide(dropped)).toEqual({ row: 1, action: 'read-again' });
    await scene.rollup.mine(1);
    expect(await readView(scene, sequence, ahead)).toMatchObject({ stale: false });
  });

  test('a mined step whose block left the chain is in flight again', async () => {
    const { sequence, final } = await postAndProve(scene);
    const { blockNumber } = await scene.rollup.commit(scene.rollup.miner, sequence, final.proof);
    const { hash } = (await scene.chain.rpc.block(blockNumber)) ?? { hash: null };
    await insertMinedCommit(sequence, blockNumber, hash);
    expect(await readView(scene, sequence)).toMatchObject({ inFlight: null, own: 'open', nextTry: 2 });
    await scene.rollup.provider.send('anvil_reorg', [1, []]);
    const view = await readView(scene, sequence);
    expect(view).toMatchObject({ inFlight: { step: 'commit', tryNumber: 1, round: null }, own: 'none' });
  });
});

/** The row that the sender writes when its commit was mined. */
async function insertMinedCommit(sequence: SequenceIdentity, block: number, hash: string | null): Promise<void> {
  await scene.database.pool.query(
    `INSERT INTO transactions (chain_id, wallet, rollup, first_batch, last_batch, acc_input_hash, step, try_number,
       state, nonce, mined_block_number, mined_block_hash, mined_hash, mined_status, mined_gas_used)
     VALUES ($1, $2, $3, $4, $5, $6, 'commit', 1, 'mined', 0, $7, $8, '0x01', 1, 21000)`,
    [
      sequence.chainId,
      scene.rollup.miner.address,
      sequence.rollup,
      sequence.firstBatch,
      sequence.lastBatch,
      sequence.accInputHash,
      block,
      hash,
    ],
  );
}
