import type { ProvenTask } from '../../domain/proof-generator-activities.js';
import { proveTask, type TaskRequest } from '../../workflows/prove-task.js';

/** Has one task proved, as the Proof Generator does. */
export function proveOne(request: TaskRequest): Promise<ProvenTask> {
  return proveTask(request);
}
