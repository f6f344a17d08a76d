import { describe, expect, test } from 'vitest';
import { selectDistrustedRule, trustRule } from '../../activities/storage/distrusted-rules.js';
import { decide } from '../../domain/decide.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { T1 } from '../support/test-rollup.js';
import { finalProof, postAndProve, proveFor, readView, setViewScene, statementOf } from './view-scene.js';

const scene = setViewScene();

/** Code of a rule that says yes to everything, and of one that first uses about a million gas. */
const ALWAYS_YES = '0x600160005260206000f3';
const DEAR_YES = '0x619c405b6001900380600357600160005260206000f3';
/** Code of a rule that says no to this caller, and yes to all others. */
const yesToAllBut = (caller: string): string => `0x3373${caller.slice(2)}141560005260206000f3`;

function setRuleCode(code: string): Promise<unknown> {
  return scene.rollup.provider.send('anvil_setCode', [scene.rollup.deployment.rule, code]);
}

function distrusted() {
  const { chainId, deployment } = scene.rollup;
  return selectDistrustedRule(scene.database.pool, { chainId, rule: deployment.rule });
}

/** A sequence with a stored final proof that the rule refuses. */
async function postAndSpoil(): Promise<SequenceIdentity> {
  const sequence = await scene.rollup.post('0x05');
  const statement = statementOf(sequence, 10, 15, null);
  const proof = await proveFor(scene.rollup.miner.address, statement);
  await scene.chain.finals.add(
    finalProof(
      scene,
      sequence,
      statement,
      proof.map((byte, i) => (i === 40 ? byte ^ 1 : byte)),
    ),
  );
  return sequence;
}

/** A second sequence, whose proof is right. */
async function postAndProveAfter(first: SequenceIdentity): Promise<SequenceIdentity> {
  const sequence = await scene.rollup.post('0x02');
  const statement = statementOf(sequence, 15, 17, first);
  const proof = await proveFor(scene.rollup.miner.address, statement);
  await scene.chain.finals.add(finalProof(scene, sequence, statement, proof));
  return sequence;
}

const aMinutePasses = () =>
  scene.database.pool.query("UPDATE distrusted_rules SET since = since - interval '1 minute'");

describe('a rule that refuses a proof which our own check took', () => {
  test('is committed to for no sequence until it takes that proof', async () => {
    const refused = await postAndSpoil();
    const other = await postAndProveAfter(refused);
    expect(decide(await readView(scene, other))).toMatchObject({ action: 'commit' });
    expect(decide(await readView(scene, refused))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
    expect(await distrusted()).toMatchObject({
      reason: 'it refuses the proof',
      sequence: expect.stringMatching(/batches 1-1$/),
    });
    expect(decide(await readView(scene, other))).toMatchObject({ row: 9, reason: 'type-distrusted' });

    await setRuleCode(ALWAYS_YES);
    await scene.rollup.mine(1);
    // It is not asked again before a minute has passed.
    expect(decide(await readView(scene, other))).toMatchObject({ row: 9, reason: 'type-distrusted' });
    await aMinutePasses();
    expect(decide(await readView(scene, other))).toMatchObject({ action: 'commit' });
    expect(await distrusted()).toBeNull();
  });

  test('is trusted again when a person says so, in spite of that proof', async () => {
    const refused = await postAndSpoil();
    const other = await postAndProveAfter(refused);
    await readView(scene, refused);
    const { chainId, deployment } = scene.rollup;
    expect(await trustRule(scene.database.pool, { chainId, rule: deployment.rule }, 'a-person')).toBe(true);
    expect(decide(await readView(scene, refused))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
    expect(decide(await readView(scene, other))).toMatchObject({ action: 'commit' });
  });

  test('is distrusted, too, where it needs more gas than the contract would give it', async () => {
    const { sequence } = await postAndProve(scene);
    expect(decide(await readView(scene, sequence))).toMatchObject({ action: 'commit' });
    // Its yes of a block before is not believed any more.
    await setRuleCode(DEAR_YES);
    await scene.rollup.mine(1);
    expect(decide(await readView(scene, sequence))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
    expect(await distrusted()).toMatchObject({ reason: expect.stringMatching(/only with more than the \d+ gas/) });
  });

  test('is distrusted, too, where it refuses the proof to the contract only', async () => {
    const { sequence } = await postAndProve(scene);
    await setRuleCode(yesToAllBut(sequence.rollup));
    await scene.rollup.mine(1);
    expect(decide(await readView(scene, sequence))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
    expect(await distrusted()).toMatchObject({ reason: 'it refuses the proof' });
  });

  test('is distrusted, too, where a due reveal is refused when simulated', async () => {
    const sequence = await postAndSpoil();
    const final = await scene.chain.finals.newestFit(sequence, scene.rollup.miner.address);
    const proof = final && (await scene.chain.finals.bytes(final.proofDigest));
    if (!proof) throw new Error('it was stored');
    await scene.rollup.commit(scene.rollup.miner, sequence, proof);
    await scene.rollup.mine(T1 - 1);
    expect(decide(await readView(scene, sequence))).toMatchObject({ row: 15, reason: 'reveal-would-fail' });
    expect(await distrusted()).toMatchObject({ reason: 'it refuses the proof' });
  });

  test('has hashes taken back while the predecessor keeps the hash window open', async () => {
    const first = await scene.rollup.post('0x05');
    const second = await scene.rollup.post('0x02');
    const statement = statementOf(second, 15, 17, first);
    const proof = await proveFor(scene.rollup.miner.address, statement);
    await scene.chain.finals.add(finalProof(scene, second, statement, proof));
    await scene.rollup.commit(scene.rollup.miner, second, proof);
    await scene.rollup.mine(T1);
    expect(decide(await readView(scene, second))).toMatchObject({ row: 14 });
    // Refuses all: no code.
    await setRuleCode('0x');
    const firstStatement = statementOf(first, 10, 15, null);
    const firstProof = await proveFor(scene.rollup.miner.address, firstStatement);
    await scene.chain.finals.add(finalProof(scene, first, firstStatement, firstProof));
    expect(decide(await readView(scene, first))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
    expect(decide(await readView(scene, second))).toMatchObject({ row: 11, reason: 'verifier-says-no' });
  });

  test('is trusted where the refusal is explained: the proof is of another state', async () => {
    const sequence = await scene.rollup.post('0x05');
    const statement = statementOf(sequence, 11, 16, null);
    const proof = await proveFor(scene.rollup.miner.address, statement);
    await scene.chain.finals.add(finalProof(scene, sequence, statement, proof));
    expect(decide(await readView(scene, sequence))).toMatchObject({ row: 9, reason: 'verifier-says-no' });
    expect(await distrusted()).toBeNull();
  });
});
