import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { sha256Hex } from '../../activities/storage/artifact-store.js';
import type { FinalProofFile } from '../../activities/storage/final-proof-files.js';
import { setRollupPaused } from '../../activities/storage/rollups.js';
import { ensureRollupIsRead } from '../../activities/chain/rollup-directory.js';
import { createSimulatedBackend } from '../../provers/simulated/simulated-backend.js';
import { decide } from '../../workflows/domain/decide.js';
import type { Statement } from '../../workflows/domain/proof.js';
import { viewFingerprint, type BlockRef, type SequenceView } from '../../workflows/domain/sequence-view.js';
import type { SequenceIdentity } from '../../workflows/domain/sequence.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { word32 } from '../support/proof-samples.js';
import { CONFIRMATIONS, openTestChain, runActivity, startActivity, type TestChain } from '../support/test-chain.js';
import { startTestRollup, T1, T2, type TestRollup } from '../support/test-rollup.js';

let database: TestDatabase;
let rollup: TestRollup;
let chain: TestChain;
let clean: unknown;
beforeAll(async () => {
  rollup = await startTestRollup();
  await rollup.deposit(rollup.owner, '100');
});
afterAll(() => rollup.close());
beforeEach(async () => {
  clean = await rollup.provider.send('evm_snapshot', []);
  database = await openTestDatabase();
  chain = openTestChain(database, rollup.rpcUrl);
});
afterEach(async () => {
  await chain.close();
  await database.close();
  await rollup.provider.send('evm_revert', [clean]);
});

const backend = createSimulatedBackend({ secondsByKind: { final: 0, batch: 0 } });

/** What a proof of this sequence says: the toy state is a sum. */
function statementOf(sequence: SequenceIdentity, from: number, to: number, before: SequenceIdentity | null): Statement {
  const { chainId, rollup: address, firstBatch, lastBatch, accInputHash } = sequence;
  return {
    ...{ chainId, rollup: address, firstBatch, lastBatch },
    ...{ oldStateRoot: word32(from), newStateRoot: word32(to) },
    ...{ oldAccInputHash: before?.accInputHash ?? word32(0), newAccInputHash: accInputHash },
  };
}

async function proveFor(miner: string, statement: Statement): Promise<Uint8Array> {
  const context = { signal: new AbortController().signal, progress: () => {} };
  const batch = { kind: 'batch', statement } as const;
  const child = { ...batch, proof: await backend.prove({ ...batch, input: new Uint8Array() }, context) };
  return backend.prove({ kind: 'final', statement, miner, child }, context);
}

function finalProof(sequence: SequenceIdentity, statement: Statement, proof: Uint8Array): FinalProofFile {
  const miner = rollup.miner.address;
  const proofDigest = sha256Hex(proof);
  const taskId = sha256Hex(`task ${proofDigest}`);
  return { proofDigest, taskId, sequence, miner, statement, proofHash: proofHashOf(proof, miner), seconds: 1, proof };
}

/** Posts a sequence of one batch and stores a final proof of it. */
async function postAndProve(): Promise<{ sequence: SequenceIdentity; statement: Statement; final: FinalProofFile }> {
  const sequence = await rollup.post('0x05');
  const statement = statementOf(sequence, 10, 15, null);
  const final = finalProof(sequence, statement, await proveFor(rollup.miner.address, statement));
  await chain.finals.add(final);
  return { sequence, statement, final };
}

function read(sequence: SequenceIdentity, lastUsed: BlockRef | null = null): Promise<SequenceView> {
  const request = { sequence, miner: rollup.miner.address, lastUsed };
  return runActivity(() => chain.activities.readSequenceView(request));
}

function reveal(sequence: SequenceIdentity, statement: Statement, proof: Uint8Array, from = rollup.miner) {
  const { firstBatch, lastBatch } = sequence;
  return rollup.send(from, 'verifyBatches', firstBatch - 1, lastBatch, word32(0), statement.newStateRoot, proof);
}

describe('the view of a sequence', () => {
  test('leads through both steps to a final acceptance', async () => {
    const { sequence, statement, final } = await postAndProve();
    const posted = await read(sequence);
    expect(posted).toMatchObject({ posted: true, own: 'none', round: null, verifierSays: 'yes', nextTry: 1 });
    expect(decide(posted)).toMatchObject({ row: 10, action: 'commit', tryNumber: 1 });

    const { blockNumber: start } = await rollup.commit(rollup.miner, sequence, final.proof);
    const committed = await read(sequence);
    const round = { start, hashWindowEnd: start + T1, revealStart: start + T1, end: start + T1 + T2 };
    expect(committed).toMatchObject({ own: 'open', ownRound: start, round, storedProofMatchesOwnHash: true });
    expect(decide(committed)).toMatchObject({ row: 14, action: 'sleep-until', untilBlock: start + T1 });

    await rollup.mine(T1 - 2);
    expect(decide(await read(sequence))).toMatchObject({ row: 14 });
    // The next block is R: a reveal may land in it.
    await rollup.mine(1);
    const due = await read(sequence);
    expect(due).toMatchObject({ simulatedReveal: 'accepted' });
    expect(decide(due)).toMatchObject({ row: 16, action: 'reveal', round: start });

    const { blockNumber: acceptedBlock } = await reveal(sequence, statement, final.proof);
    expect(acceptedBlock).toBe(start + T1);
    const accepted = await read(sequence);
    expect(accepted).toMatchObject({ accepted: 'own', own: 'accepted', acceptedBlock, acceptedFinal: false, round });
    expect(decide(accepted)).toMatchObject({ row: 4, action: 'wait' });
    await rollup.mine(CONFIRMATIONS);
    expect(decide(await read(sequence))).toEqual({ row: 4, action: 'finish', outcome: 'rewarded' });
  });

  test('holds back a commit to a proof that the verifier refuses', async () => {
    const sequence = await rollup.post('0x05');
    const statement = statementOf(sequence, 10, 15, null);
    const tampered = (await proveFor(rollup.miner.address, statement)).map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    await chain.finals.add(finalProof(sequence, statement, tampered));
    expect(decide(await read(sequence))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
  });

  test('never reveals what the simulation refuses, nor without the committed bytes', async () => {
    const { sequence, statement, final } = await postAndProve();
    const wrong = finalProof(sequence, { ...statement, newStateRoot: word32(99) }, randomBytes(64));
    await chain.finals.add(wrong);
    await rollup.commit(rollup.miner, sequence, wrong.proof);
    await rollup.mine(T1 - 1);
    const refused = await read(sequence);
    expect(refused).toMatchObject({ storedProofMatchesOwnHash: true, simulatedReveal: 'not-accepted' });
    expect(decide(refused)).toMatchObject({ row: 15, reason: 'reveal-would-fail' });

    await database.pool.query('DELETE FROM artifacts WHERE digest = $1', [wrong.proofDigest]);
    const lost = await read(sequence);
    // The other proof is there, but it is not what was committed to.
    expect(lost).toMatchObject({ finalProofStored: true, storedProofMatchesOwnHash: false });
    expect(decide(lost)).toMatchObject({ row: 15, reason: 'committed-proof-missing' });
    expect(await chain.finals.newestFit(sequence, rollup.miner.address)).toMatchObject({
      proofDigest: final.proofDigest,
    });
  });

  test('tells of failed rounds, settled or not, and of the deposit', async () => {
    const { sequence, final } = await postAndProve();
    const { blockNumber: first } = await rollup.commit(rollup.miner, sequence, final.proof);
    await rollup.mine(T1 + T2 - 1);
    const failed = await read(sequence);
    expect(failed).toMatchObject({ own: 'failed', ownRound: first, unsettledRounds: [first], failedRoundsInARow: 1 });
    expect(decide(failed)).toMatchObject({ row: 10, settleRounds: [first] });

    const { blockNumber: second } = await rollup.commit(rollup.miner, sequence, final.proof);
    await rollup.mine(T1 + T2 - 1);
    await rollup.send(rollup.miner, 'settle', rollup.miner.address, sequence.lastBatch, first);
    const again = await read(sequence);
    expect(again).toMatchObject({ unsettledRounds: [second], failedRoundsInARow: 2 });
    expect(BigInt(again.freeDepositWei)).toBe(58n * 10n ** 18n);
    expect(BigInt(again.neededDepositWei)).toBe(51n * 10n ** 18n);
  });

  test("tells a late right from nothing, when another's proof was first", async () => {
    const { sequence, statement, final } = await postAndProve();
    const rival = await proveFor(rollup.owner.address, statement);
    await rollup.commit(rollup.owner, sequence, rival);
    await rollup.commit(rollup.miner, sequence, final.proof);
    await rollup.mine(T1 - 2);
    await reveal(sequence, statement, rival, rollup.owner);
    const late = await read(sequence);
    // Nobody has paid rewards in.
    expect(late).toMatchObject({ accepted: 'other', own: 'late', lateRevealWorthItsGas: false });

    await reveal(sequence, statement, final.proof);
    const accepted = await read(sequence);
    expect(accepted).toMatchObject({ accepted: 'own', own: 'accepted', acceptedFinal: false });
    await rollup.mine(CONFIRMATIONS);
    expect(await read(sequence)).toMatchObject({ acceptedFinal: true });
  });

  test('of a successor waits for the predecessor, with the proof checked against its own task', async () => {
    const first = await rollup.post('0x05');
    const second = await rollup.post('0x02');
    const statement = statementOf(second, 15, 17, first);
    const final = finalProof(second, statement, await proveFor(rollup.miner.address, statement));
    await chain.finals.add(final);
    expect(await read(second)).toMatchObject({ verifierSays: 'yes' });
    const { blockNumber: start } = await rollup.commit(rollup.miner, second, final.proof);
    const view = await read(second);
    expect(view.round).toEqual({ start, hashWindowEnd: start + T1, revealStart: null, end: null });
    expect(decide(view)).toMatchObject({ row: 14, waitFor: 'predecessor' });
  });

  test('says when it was paused, and by whom', async () => {
    const sequence = await rollup.post('0x05');
    await ensureRollupIsRead(database.pool, chain.rpc, rollup.ref, { startBatch: 1, following: true });
    expect(await read(sequence)).toMatchObject({ paused: 'no' });
    await setRollupPaused(database.pool, rollup.ref, true);
    expect(await read(sequence)).toMatchObject({ paused: 'operator' });
    await rollup.send(rollup.owner, 'pause');
    expect(await read(sequence)).toMatchObject({ paused: 'contract' });
  });
});

describe('reorgs and lagging endpoints', () => {
  test('a posting that left the chain is gone, finally only at the confirmation depth', async () => {
    const sequence = await rollup.post('0x05');
    await rollup.mine(1);
    expect(await read(sequence)).toMatchObject({ posted: true });
    await rollup.provider.send('anvil_reorg', [2, []]);
    const gone = await read(sequence);
    expect(gone).toMatchObject({ posted: false, absenceFinal: false });
    expect(decide(gone)).toMatchObject({ row: 2, action: 'wait' });
    await rollup.post('0x06');
    await rollup.mine(CONFIRMATIONS);
    const replaced = await read(sequence);
    expect(replaced).toMatchObject({ posted: false, absenceFinal: true });
    expect(decide(replaced)).toEqual({ row: 2, action: 'finish', outcome: 'rolled-back' });
  });

  test('a lower head is dropped while the last one is in the chain, and used once that has left it', async () => {
    const sequence = await rollup.post('0x05');
    await rollup.mine(3);
    const { head } = await read(sequence);
    expect(await read(sequence, head)).toMatchObject({ stale: false });
    // As an endpoint that lags: the last block used is above its head and not known to it.
    const ahead: BlockRef = { number: head.number + 1, hash: `0x${'ab'.repeat(32)}` };
    const dropped = await read(sequence, ahead);
    expect(dropped).toMatchObject({ stale: true });
    expect(decide(dropped)).toEqual({ row: 1, action: 'read-again' });
    await rollup.mine(1);
    expect(await read(sequence, ahead)).toMatchObject({ stale: false });
  });

  test('a mined step whose block left the chain is in flight again', async () => {
    const { sequence, final } = await postAndProve();
    const { blockNumber } = await rollup.commit(rollup.miner, sequence, final.proof);
    const { hash } = (await chain.rpc.block(blockNumber)) ?? { hash: null };
    await insertMinedCommit(sequence, blockNumber, hash);
    expect(await read(sequence)).toMatchObject({ inFlight: null, own: 'open', nextTry: 2 });
    await rollup.provider.send('anvil_reorg', [1, []]);
    const view = await read(sequence);
    expect(view).toMatchObject({ inFlight: { step: 'commit', tryNumber: 1, round: null }, own: 'none' });
  });
});

describe('waiting for a change', () => {
  test('ends when what a decision hangs on is another, not at every block', async () => {
    chain.reader.start();
    const { sequence, final } = await postAndProve();
    const view = await read(sequence);
    const request = { sequence, miner: rollup.miner.address, lastUsed: view.head, untilBlock: null };
    const waiting = startActivity(() =>
      chain.activities.waitForChange({ ...request, fingerprint: viewFingerprint(view) }),
    );
    let ended = false;
    void waiting.result.then(() => (ended = true));
    await rollup.mine(3);
    await expect.poll(() => JSON.stringify(waiting.beats)).toContain(`"head":${await rollup.head()}`);
    expect(ended).toBe(false);
    await rollup.commit(rollup.miner, sequence, final.proof);
    await waiting.result;
  });

  test('ends as soon as a given block is the next one', async () => {
    chain.reader.start();
    const sequence = await rollup.post('0x05');
    const view = await read(sequence);
    const untilBlock = view.head.number + 4;
    const request = { sequence, miner: rollup.miner.address, lastUsed: view.head, untilBlock };
    const waiting = startActivity(() =>
      chain.activities.waitForChange({ ...request, fingerprint: viewFingerprint(view) }),
    );
    await rollup.mine(2);
    expect(await time(untilBlock)).toMatchObject({ head: view.head.number + 2 });
    expect((await time(untilBlock)).timeMs).toBeGreaterThan(0);
    await rollup.mine(1);
    await waiting.result;
    expect(await time(untilBlock)).toEqual({ head: untilBlock - 1, timeMs: 0 });
    expect((await time(untilBlock + 1_000_000)).timeMs).toBe(600_000);
  });

  test('ends as cancelled when it is cancelled', async () => {
    chain.reader.start();
    const sequence = await rollup.post('0x05');
    const view = await read(sequence);
    const request = { sequence, miner: rollup.miner.address, lastUsed: null, untilBlock: null };
    const waiting = startActivity(() =>
      chain.activities.waitForChange({ ...request, fingerprint: viewFingerprint(view) }),
    );
    waiting.cancel();
    await expect(waiting.result).rejects.toMatchObject({ name: 'CancelledFailure' });
  });

  function time(block: number) {
    return runActivity(() => chain.activities.expectedTimeUntilBlock({ chainId: rollup.chainId, block }));
  }
});

/** The row that the sender writes when its commit was mined. */
async function insertMinedCommit(sequence: SequenceIdentity, block: number, hash: string | null): Promise<void> {
  await database.pool.query(
    `INSERT INTO transactions (chain_id, wallet, rollup, first_batch, last_batch, acc_input_hash, step, try_number,
       state, nonce, mined_block_number, mined_block_hash, mined_hash, mined_status, mined_gas_used)
     VALUES ($1, $2, $3, $4, $5, $6, 'commit', 1, 'mined', 0, $7, $8, '0x01', 1, 21000)`,
    [
      sequence.chainId,
      rollup.miner.address,
      sequence.rollup,
      sequence.firstBatch,
      sequence.lastBatch,
      sequence.accInputHash,
      block,
      hash,
    ],
  );
}
