import { performance } from 'node:perf_hooks';
import type { ProverBackend } from '../../domain/prover-backend.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';

/** A backend whose proofs are measured: how many are being made, how they end and how long they take. */
export function measuredBackend(backend: ProverBackend, metrics: Metrics): ProverBackend {
  let busy = 0;
  const changeBusy = (change: 1 | -1): void => metrics.set('zkpow_prover_slots_busy', (busy += change), {});
  metrics.set('zkpow_prover_slots_busy', 0, {});
  return {
    proofSystem: backend.proofSystem,
    circuitId: (kind) => backend.circuitId(kind),
    verify: (claim) => backend.verify(claim),
    close: () => backend.close(),
    async prove(request, context) {
      const { kind } = request;
      const begun = performance.now();
      changeBusy(1);
      try {
        const proof = await backend.prove(request, context);
        metrics.observe('zkpow_proof_seconds', (performance.now() - begun) / 1000, { kind });
        metrics.count('zkpow_proofs_made', 1, { kind, outcome: 'made' });
        return proof;
      } catch (error) {
        metrics.count('zkpow_proofs_made', 1, { kind, outcome: context.signal.aborted ? 'given up' : 'failed' });
        throw error;
      } finally {
        changeBusy(-1);
      }
    },
  };
}
