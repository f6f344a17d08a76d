import {
  Worker,
  type ActivitySlotInfo,
  type CustomSlotSupplier,
  type NativeConnection,
  type WorkerOptions,
} from '@temporalio/worker';
import type { ProverActivities } from '../../../domain/proof-generator-activities.js';

/** The SDK holds back heartbeats that come faster than this: a cancelled proof ends so soon, at the price of a write. */
const MAX_HEARTBEAT_THROTTLE_MS = 3_000;

/** How long proofs in hand may take after SIGTERM; then they are handed back. */
export const DRAIN_TIME = '15 minutes';

export interface SlotWorkerOptions extends Pick<WorkerOptions, 'interceptors' | 'sinks'> {
  connection: NativeConnection;
  namespace?: string;
  taskQueue: string;
  activities: ProverActivities;
  /** Says when a task may be asked for. */
  supplier: CustomSlotSupplier<ActivitySlotInfo>;
  /** Most requests for tasks that are open at the same time. */
  maxPolls: number;
  /** How long proofs in hand may take when the worker is told to end; then they are cancelled. */
  shutdownGraceTime: NonNullable<WorkerOptions['shutdownGraceTime']>;
  maxHeartbeatThrottleInterval?: number;
}

/** A worker that takes proof tasks as its slots allow, and does nothing else. */
export function createSlotWorker(options: SlotWorkerOptions): Promise<Worker> {
  const { supplier, maxPolls, activities, ...rest } = options;
  const none = { type: 'fixed-size', numSlots: 1 } as const;
  return Worker.create({
    maxHeartbeatThrottleInterval: MAX_HEARTBEAT_THROTTLE_MS,
    ...rest,
    activities: { ...activities },
    tuner: {
      activityTaskSlotSupplier: supplier,
      ...{ workflowTaskSlotSupplier: none, localActivityTaskSlotSupplier: none, nexusTaskSlotSupplier: none },
    },
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: maxPolls },
  });
}
