import { performance } from 'node:perf_hooks';
import { findRollupType } from '../../rollup-types/registry.js';
import type { ProverBackend } from '../../domain/prover-backend.js';
import { CheckFailedError } from './check-line.js';

/** Makes one batch proof of a rollup that there is not, checks it and tells how long it took. */
export async function proveSample(backend: ProverBackend, rollupType: string): Promise<string> {
  const sample = await findRollupType(rollupType).sampleBatch?.();
  if (!sample) return `not tried: rollup type ${rollupType} has no sample batch`;
  const { statement, input } = sample;
  const begun = performance.now();
  const context = { signal: new AbortController().signal, progress: () => undefined };
  const proof = await backend.prove({ kind: 'batch', statement, input }, context);
  const seconds = (performance.now() - begun) / 1000;
  if (await backend.verify({ kind: 'batch', statement, proof })) {
    return `a batch proof of ${proof.length} bytes in ${seconds.toFixed(1)} s, and it verifies`;
  }
  throw new CheckFailedError(
    'the batch proof that this machine made does not verify: have its memory and graphics card tested; it would be set aside',
  );
}
