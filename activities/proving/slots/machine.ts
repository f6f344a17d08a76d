import { availableParallelism, totalmem } from 'node:os';
import type { HardwareClass } from '../../../domain/names.js';
import { findGpus, type Gpu } from './gpus.js';

/** As many as the setting takes. */
const MOST_SLOTS = 256;

/** What this machine has to prove with. */
export interface Machine {
  cores: number;
  /** What the system, or the container, lets this process have. */
  memoryBytes: number;
  gpus: readonly Gpu[];
  /** What keeps graphics cards from being used, a sentence each. */
  gpuTroubles: readonly string[];
}

/** What one proof takes of a machine without GPUs. */
export interface ProofNeeds {
  cores: number;
  memoryBytes: number;
}

/** Looks at the machine: within seconds, also where the driver of the graphics cards hangs. */
export async function findMachine(env: NodeJS.ProcessEnv): Promise<Machine> {
  const limit = process.constrainedMemory();
  const { gpus, troubles } = await findGpus(env);
  return {
    cores: availableParallelism(),
    memoryBytes: limit > 0 && limit < totalmem() ? limit : totalmem(),
    gpus,
    gpuTroubles: troubles,
  };
}

/** What a machine proves with unless it is told: its GPUs where it has some and proofs are meant for them. */
export function defaultClass({ gpus }: Machine, wanted: readonly HardwareClass[]): HardwareClass {
  return gpus.length > 0 && wanted.includes('gpu') ? 'gpu' : 'cpu';
}

/** How many proofs a machine makes at a time unless it is told: one a GPU, or as many as it has cores and memory for. */
export function defaultSlots({ cores, memoryBytes, gpus }: Machine, by: HardwareClass, needs: ProofNeeds): number {
  const room = by === 'gpu' ? gpus.length : Math.min(cores / needs.cores, memoryBytes / needs.memoryBytes);
  return Math.min(MOST_SLOTS, Math.max(1, Math.floor(room)));
}
