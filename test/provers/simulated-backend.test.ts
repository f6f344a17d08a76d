import { AbiCoder, hexlify, sha256, solidityPackedSha256, toUtf8Bytes } from 'ethers';
import { describe, expect, test } from 'vitest';
import type { ChildProof } from '../../domain/prover-backend.js';
import { BadInputError } from '../../domain/prover-errors.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import type { Statement } from '../../domain/proof.js';
import { ROLLUP, word } from '../transfers/support.js';
import { joined, MINER, quietly, tampered } from './support.js';

const instant = { batch: 0, aggregate: 0, final: 0 };
const backend = createSimulatedBackend({ secondsByKind: instant });

function statement(batch: number): Statement {
  return {
    ...ROLLUP,
    firstBatch: batch,
    lastBatch: batch,
    oldStateRoot: word(BigInt(100 + batch - 1)),
    newStateRoot: word(BigInt(100 + batch)),
    oldAccInputHash: word(BigInt(200 + batch - 1)),
    newAccInputHash: word(BigInt(200 + batch)),
  };
}

async function batchProof(batch: number): Promise<ChildProof> {
  const request = { kind: 'batch' as const, statement: statement(batch), input: new Uint8Array() };
  return { kind: 'batch', statement: request.statement, proof: await backend.prove(request, quietly()) };
}

const NO_EXIT_ROOT = `0x${'00'.repeat(32)}`;

describe('the simulated prover', () => {
  test('takes batches through an aggregate to a final proof for one miner', async () => {
    const [left, right] = [await batchProof(1), await batchProof(2)];
    const both = joined(left.statement, right.statement);
    const aggregate = await backend.prove({ kind: 'aggregate', statement: both, left, right }, quietly());
    const child = { kind: 'aggregate' as const, statement: both, proof: aggregate };
    const proof = await backend.prove({ kind: 'final', statement: both, miner: MINER, child }, quietly());
    const claim = { kind: 'final' as const, statement: both, miner: MINER, proof };
    expect(proof).toHaveLength(64);
    expect(await backend.verify(claim)).toBe(true);
    expect(await backend.verify({ ...claim, miner: ROLLUP.rollup })).toBe(false);
    expect(await backend.verify({ ...claim, statement: left.statement })).toBe(false);
    expect(await backend.verify({ ...claim, proof: tampered(proof, 40) })).toBe(false);
    expect(await backend.verify({ kind: 'final', statement: both, proof })).toBe(false);
  });

  test('makes proofs in the form that the contract SimulatedRule takes', async () => {
    const child = await batchProof(1);
    const { statement: said } = child;
    const proof = await backend.prove({ kind: 'final', statement: said, miner: MINER, child }, quietly());
    const salt = proof.subarray(0, 32);
    const types = ['uint256', 'address', 'uint64', 'uint64', ...Array<string>(5).fill('bytes32'), 'address'];
    const { chainId, rollup, firstBatch, lastBatch, oldStateRoot, newStateRoot, oldAccInputHash, newAccInputHash } =
      said;
    const values = [
      chainId,
      rollup,
      firstBatch,
      lastBatch,
      oldStateRoot,
      newStateRoot,
      oldAccInputHash,
      newAccInputHash,
    ];
    const statementDigest = sha256(AbiCoder.defaultAbiCoder().encode(types, [...values, NO_EXIT_ROOT, MINER]));
    const tag = solidityPackedSha256(['string', 'bytes', 'bytes32'], ['zkpow simulated proof', salt, statementDigest]);
    expect(hexlify(proof)).toBe(hexlify(salt) + tag.slice(2));
    expect(backend.circuitId('final')).toBe(sha256(toUtf8Bytes('zkpow simulated proof')));
  });

  test('makes another proof each time, or the same ones from a seed', async () => {
    const request = { kind: 'batch' as const, statement: statement(1), input: new Uint8Array() };
    const prove = (seed?: string): Promise<Uint8Array> =>
      createSimulatedBackend({ secondsByKind: instant, ...(seed === undefined ? {} : { seed }) }).prove(
        request,
        quietly(),
      );
    expect(await prove()).not.toEqual(await prove());
    expect(await prove('a')).toEqual(await prove('a'));
    expect(await prove('a')).not.toEqual(await prove('b'));
  });

  test('refuses to fold what does not verify or does not fit', async () => {
    const [first, second, third] = [await batchProof(1), await batchProof(2), await batchProof(3)];
    const fold = (left: ChildProof, right: ChildProof): Promise<Uint8Array> =>
      backend.prove({ kind: 'aggregate', statement: joined(left.statement, right.statement), left, right }, quietly());
    await expect(fold(first, { ...second, proof: tampered(second.proof, 0) })).rejects.toThrow(BadInputError);
    await expect(fold(first, third)).rejects.toThrow(BadInputError);
    await expect(fold(second, first)).rejects.toThrow(BadInputError);
    const wrong = { ...joined(first.statement, second.statement), newStateRoot: word(1n) };
    const request = { kind: 'aggregate' as const, statement: wrong, left: first, right: second };
    await expect(backend.prove(request, quietly())).rejects.toThrow(BadInputError);
  });

  test('stops when it is cancelled', async () => {
    const cancel = new AbortController();
    const slow = createSimulatedBackend({ secondsByKind: { batch: 3600 } });
    const request = { kind: 'batch' as const, statement: statement(1), input: new Uint8Array() };
    const proof = slow.prove(request, { signal: cancel.signal, progress: () => cancel.abort() });
    await expect(proof).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
  });

  test('can be made to fail and to lie', async () => {
    const request = { kind: 'batch' as const, statement: statement(1), input: new Uint8Array() };
    const failing = createSimulatedBackend({ secondsByKind: instant, fault: () => new Error('out of memory') });
    await expect(failing.prove(request, quietly())).rejects.toThrow('out of memory');
    const lying = createSimulatedBackend({ secondsByKind: instant, fault: () => 'wrong proof' });
    const proof = await lying.prove(request, quietly());
    expect(await lying.verify({ kind: 'batch', statement: request.statement, proof })).toBe(false);
  });
});
