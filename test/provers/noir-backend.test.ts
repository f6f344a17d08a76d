import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { BatchWork } from '../../domain/rollup-type.js';
import { GROUP_ORDER } from '../../rollup-types/transfers/grumpkin.js';
import { transferMessage, type TransferRecord } from '../../rollup-types/transfers/record.js';
import { publicKeyOf } from '../../rollup-types/transfers/schnorr.js';
import { createNoirBackend, type NoirBackend } from '../../provers/backends/noir/noir-backend.js';
import type { ChildProof, ProofToVerify, ProvingContext } from '../../domain/prover-backend.js';
import { BadInputError, OutOfMemoryError } from '../../domain/prover-errors.js';
import { GENESIS_ACCOUNTS, ROLLUP, secretKey, signedTransfer, word } from '../transfers/support.js';
import { joined, MINER, nth, quietly, tampered, worksOf } from './support.js';
import { transfersCircuits } from '../../rollup-types/transfers/noir-circuits.js';

// The first run on a machine makes the development set-up, circuits and keys: minutes.
const SETUP_TIMEOUT_MS = 1_200_000;
const FIELD_MODULUS = 21888242871839275222246405745257275088548364400416034343698204186575808495617n;

/**
 * A point that Barretenberg mixes into its multiplications (the third of its "cycle_group_offset_generator" points): as
 * a key it makes two points meet, unless the circuit shifts it first.
 */
const POISONOUS_KEY = {
  x: 0x0fb76e5904e203fe96cf620f86739e685c85c56774b23c1e7c86fba3290ae42bn,
  y: 0x2a32122a08e2dcc594f4b657eb5e2e4f84cb67f06ab4b2d432c5f61c22330a3fn,
};

/** A signature of user 0 whose R is the point at infinity: s = -e * secret. */
function infiniteCommitment(): TransferRecord {
  const valid = signedTransfer(0, 1);
  const e = transferMessage(ROLLUP, valid);
  return { ...valid, signature: { s: GROUP_ORDER - ((e * secretKey(0)) % GROUP_ORDER), e } };
}

/** A batch with one transfer that takes effect and all kinds that might trip the circuit. */
async function awkwardBatch(): Promise<BatchWork> {
  const valid = signedTransfer(0, 1);
  const records = [
    infiniteCommitment(),
    { ...valid, signature: { s: 0n, e: 0n } },
    { ...valid, signature: { s: GROUP_ORDER - 1n, e: FIELD_MODULUS - 1n } },
    { ...valid, signature: { s: 2n ** 256n - 1n, e: 2n ** 256n - 1n } },
    { ...valid, from: 3, toKey: publicKeyOf(secretKey(1)) },
    { ...valid, from: 2 ** 32 - 1, to: 2 ** 32 - 1, amount: 2n ** 128n - 1n, nonce: 2n ** 64n - 1n },
    valid,
  ];
  return nth(await worksOf([records], [...GENESIS_ACCOUNTS, { ...POISONOUS_KEY, balance: 1000n }]), 0);
}

describe('the Noir prover', () => {
  let backend: NoirBackend;
  let work: BatchWork;
  let claim: ProofToVerify;

  beforeAll(async () => {
    backend = await createNoirBackend({
      circuits: transfersCircuits,
      trustedSetup: 'development',
      chainId: 31337,
      log: (line) => console.log(line),
    });
    work = await awkwardBatch();
    const proof = await backend.prove({ kind: 'batch', ...work }, quietly());
    claim = { kind: 'batch', statement: work.statement, proof };
  }, SETUP_TIMEOUT_MS);

  afterAll(() => backend.close());

  test('proves a batch with awkward transfers, of which only the allowed one takes effect', async () => {
    const [alone] = await worksOf(
      [[signedTransfer(0, 1)]],
      [...GENESIS_ACCOUNTS, { ...POISONOUS_KEY, balance: 1000n }],
    );
    expect(work.statement.newStateRoot).toBe(alone?.statement.newStateRoot);
    expect(await backend.verify(claim)).toBe(true);
  });

  test('accepts a proof for its very statement only', async () => {
    const { statement } = claim;
    const raised = (root: string): `0x${string}` => word(BigInt(root) + FIELD_MODULUS);
    const others = {
      chainId: { chainId: 1 },
      rollup: { rollup: MINER },
      batches: { firstBatch: 2, lastBatch: 2 },
      oldStateRoot: { oldStateRoot: statement.newStateRoot },
      newStateRoot: { newStateRoot: statement.oldStateRoot },
      'a root that is equal modulo the field': { newStateRoot: raised(statement.newStateRoot) },
      oldAccInputHash: { oldAccInputHash: statement.newAccInputHash },
      newAccInputHash: { newAccInputHash: word(BigInt(statement.newAccInputHash) ^ 1n) },
    };
    for (const [name, change] of Object.entries(others)) {
      expect(await backend.verify({ ...claim, statement: { ...statement, ...change } }), name).toBe(false);
    }
    expect(await backend.verify({ ...claim, miner: MINER })).toBe(false);
    expect(await backend.verify({ ...claim, kind: 'aggregate' })).toBe(false);
  });

  test('accepts no altered proof, and none that it cannot even read', async () => {
    for (const position of [31, 3000, 13_119]) {
      expect(await backend.verify({ ...claim, proof: tampered(claim.proof, position) }), `byte ${position}`).toBe(
        false,
      );
    }
    const { proof } = claim;
    const spelledOtherwise = Uint8Array.from(proof);
    spelledOtherwise.set(Buffer.alloc(32, 0xff), 320);
    for (const bad of [new Uint8Array(), proof.subarray(32), new Uint8Array(13_120), spelledOtherwise]) {
      expect(await backend.verify({ ...claim, proof: bad })).toBe(false);
    }
    expect(await backend.verify({ ...claim, kind: 'final', miner: MINER, proof: new Uint8Array(9_184) })).toBe(false);
  });

  test('refuses a batch whose posted data or state root is another', async () => {
    const { statement, input } = work;
    const other = { newAccInputHash: word(BigInt(statement.newAccInputHash) ^ 1n) };
    for (const change of [other, { newStateRoot: statement.oldStateRoot }, { lastBatch: 2 }]) {
      const request = { kind: 'batch' as const, statement: { ...statement, ...change }, input };
      await expect(backend.prove(request, quietly())).rejects.toThrow(BadInputError);
    }
    const garbage = backend.prove({ kind: 'batch', statement, input: Buffer.from('{"transfers": 1}') }, quietly());
    await expect(garbage).rejects.toThrow(/input of the batch is malformed/);
  });

  test('refuses to fold a proof that was altered on its way', async () => {
    const child: ChildProof = { kind: 'batch', statement: work.statement, proof: tampered(claim.proof, 100) };
    const final = backend.prove({ kind: 'final', statement: work.statement, miner: MINER, child }, quietly());
    await expect(final).rejects.toThrow(/batch proof of batches 1 to 1 .* does not verify/);
    const both = joined(work.statement, work.statement);
    const request = {
      kind: 'aggregate' as const,
      statement: both,
      left: { ...child, proof: claim.proof },
      right: child,
    };
    await expect(backend.prove(request, quietly())).rejects.toThrow(BadInputError);
  });

  test('refuses to fold proofs that are not adjacent', async () => {
    const child: ChildProof = { kind: 'batch', statement: work.statement, proof: claim.proof };
    const both = joined(work.statement, work.statement);
    const request = { kind: 'aggregate' as const, statement: both, left: child, right: child };
    await expect(backend.prove(request, quietly())).rejects.toThrow(/state roots do not meet/);
  });

  test('stops when cancelled in mid-proof, and works on', async () => {
    const cancel = new AbortController();
    const context: ProvingContext = {
      signal: cancel.signal,
      progress: (stage) => void (stage === 'proof' && setTimeout(() => cancel.abort(), 300)),
    };
    await expect(backend.prove({ kind: 'batch', ...work }, context)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    await expect(backend.prove({ kind: 'batch', ...work }, context)).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    expect(await backend.verify(claim)).toBe(true);
  });

  test('whose bb is killed as for its memory says so at once: the same machine hardly has more a moment later', async () => {
    // What `bb` processes this test has, as the system may choose between them.
    const killAll = (): void => {
      const pids = execFileSync('pgrep', ['-P', String(process.pid), '-f', 'msgpack run'], { encoding: 'utf8' });
      for (const pid of pids.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    };
    const context: ProvingContext = {
      ...quietly(),
      progress: (stage) => void (stage === 'proof' && setImmediate(killAll)),
    };
    await expect(backend.prove({ kind: 'batch', ...work }, context)).rejects.toThrow(OutOfMemoryError);
    expect(await backend.verify(claim)).toBe(true);
  });

  test('has a Solidity verifier and another id for each circuit', async () => {
    expect(await backend.solidityVerifier()).toContain('contract HonkVerifier ');
    const ids = (['batch', 'aggregate', 'final'] as const).map((kind) => backend.circuitId(kind));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^0x[0-9a-f]{64}$/);
  });
});
