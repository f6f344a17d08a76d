import type { z } from 'zod';
import { createProverActivities } from '../../activities/proving/create-prover-activities.js';
import type { ProvenTask } from '../../domain/proof-generator-activities.js';
import type { ProofSlots } from '../../activities/proving/proof-slots.js';
import { createPool } from '../../activities/storage/database.js';
import { createProverStore } from '../../activities/storage/prover-store.js';
import { createSimulatedBackend } from '../../provers/backends/simulated/simulated-backend.js';
import type { Logger } from '../../platform/log.js';
import type { ProofTask } from '../../domain/proof.js';
import type { otherProverConfig } from './program-config.js';
import { PROOF_MADE } from './proof-log.js';
import { runActivity, SILENT } from './without-temporal.js';

/** The product's prover, for work that comes from elsewhere than Temporal. */
export interface OtherProver {
  /** @param queuedAtMs when the task came into its queue */
  prove(task: ProofTask, queuedAtMs: number): Promise<ProvenTask>;
  close(): Promise<void>;
}

export function openOtherProver(
  { name, databaseUrl, secondsByKind, spread, seed }: z.infer<typeof otherProverConfig>,
  log: Logger,
): OtherProver {
  const pool = createPool(databaseUrl, 4);
  const activities = createProverActivities({
    name,
    store: createProverStore(pool),
    backend: createSimulatedBackend({ secondsByKind, spread, seed }),
    slots: oneLoggedSlot(log),
    onUnfit: (reason) => log.warn({ reason }, 'takes no more tasks'),
  });
  return {
    prove: (task, queuedAtMs) => runActivity(SILENT, () => activities.prove(task), queuedAtMs),
    close: () => pool.end(),
  };
}

/** One proof at a time, logged as the product's provers log it. */
function oneLoggedSlot(log: Logger): ProofSlots {
  const now = (): number => performance.timeOrigin + performance.now();
  return {
    claim: (task) => ({
      async prove(signal, work) {
        const beganAtMs = now();
        const result = await work({ slot: 1, signal, progress: () => {} });
        log.info({ ...task, slot: 1, beganAtMs, endedAtMs: now() }, PROOF_MADE);
        return result;
      },
      leave: () => {},
    }),
  };
}
