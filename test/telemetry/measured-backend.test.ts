import { expect, test } from 'vitest';
import type { ProofRequest, ProofToVerify, ProverBackend } from '../../domain/prover-backend.js';
import { measuredBackend } from '../../activities/probes/measured-backend.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';
import type { ProofKind, Statement } from '../../domain/proof.js';

const ZERO = `0x${'00'.repeat(32)}` as const;
const STATEMENT: Statement = {
  oldStateRoot: ZERO,
  newStateRoot: ZERO,
  oldAccInputHash: ZERO,
  newAccInputHash: ZERO,
  firstBatch: 1,
  lastBatch: 1,
  chainId: 31337,
  rollup: `0x${'00'.repeat(20)}`,
};
const BATCH: ProofRequest = { kind: 'batch', statement: STATEMENT, input: new Uint8Array() };

/** A class, as backends that keep a process are: its methods are not properties of its own. */
class ClassBackend implements ProverBackend {
  readonly proofSystem = 'simulated';
  closed = false;
  circuitId(kind: ProofKind): string {
    return `circuit of ${kind}, closed ${this.closed}`;
  }
  prove(): Promise<Uint8Array> {
    return this.closed ? Promise.reject(new Error('closed')) : Promise.resolve(Uint8Array.of(7));
  }
  verify({ proof }: ProofToVerify): Promise<boolean> {
    return Promise.resolve(proof[0] === 7 && !this.closed);
  }
  async close(): Promise<void> {
    this.closed = true;
  }
}

function recorded(): { metrics: Metrics; seen: string[] } {
  const seen: string[] = [];
  const note = (name: string, value: number, labels: object): void =>
    void seen.push(`${name} ${value} ${JSON.stringify(labels)}`);
  return { seen, metrics: { count: note, set: note, observe: (name, _value, labels) => note(name, 1, labels) } };
}

test('a measured backend does all that the backend does, and tells busy slots and outcomes', async () => {
  const { metrics, seen } = recorded();
  const backend = measuredBackend(new ClassBackend(), metrics);
  const context = { signal: new AbortController().signal, progress: () => undefined };

  expect(backend.proofSystem).toBe('simulated');
  expect(backend.circuitId('final')).toBe('circuit of final, closed false');
  const proof = await backend.prove(BATCH, context);
  expect(await backend.verify({ kind: 'batch', statement: STATEMENT, proof })).toBe(true);
  await backend.close();
  await expect(backend.prove(BATCH, context)).rejects.toThrow('closed');

  expect(seen).toEqual([
    'zkpow_prover_slots_busy 0 {}',
    'zkpow_prover_slots_busy 1 {}',
    'zkpow_proof_seconds 1 {"kind":"batch"}',
    'zkpow_proofs_made 1 {"kind":"batch","outcome":"made"}',
    'zkpow_prover_slots_busy 0 {}',
    'zkpow_prover_slots_busy 1 {}',
    'zkpow_proofs_made 1 {"kind":"batch","outcome":"failed"}',
    'zkpow_prover_slots_busy 0 {}',
  ]);
});
