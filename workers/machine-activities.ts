import type { Client } from '@temporalio/client';
import { mappingFailures } from '../activities/failures.js';
import type { MachineActivities } from '../domain/machine-activities.js';
import { countProofsInHand } from '../activities/proving/pending-proofs.js';
import { readTaskQueue } from '../platform/task-queue.js';

/** Asks the Temporal server who takes tasks from a queue. */
export function createMachineActivities(client: Client): MachineActivities {
  return {
    hasMachines: mappingFailures(async (queue) => {
      const { pollers } = await readTaskQueue(client.workflowService, client.options.namespace, queue);
      return pollers.length > 0 || ((await countProofsInHand(client)).get(queue) ?? 0) > 0;
    }),
  };
}
