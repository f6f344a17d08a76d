import { execFileSync } from 'node:child_process';
import { availableParallelism, totalmem } from 'node:os';
import type { HardwareClass } from '../../workflows/domain/names.js';

const GPU_TIMEOUT_MS = 10_000;
/** As many as the setting takes. */
const MOST_SLOTS = 256;

export interface Gpu {
  name: string;
  memoryMib: number;
}

/** What this machine has to prove with. */
export interface Machine {
  cores: number;
  /** What the system, or the container, lets this process have. */
  memoryBytes: number;
  gpus: readonly Gpu[];
}

/** What one proof takes of a machine without GPUs. */
export interface ProofNeeds {
  cores: number;
  memoryBytes: number;
}

/** Looks at the machine. One on which `nvidia-smi` does not run has no GPUs. */
export function findMachine(env: NodeJS.ProcessEnv): Machine {
  const limit = process.constrainedMemory();
  return {
    cores: availableParallelism(),
    memoryBytes: limit > 0 && limit < totalmem() ? limit : totalmem(),
    gpus: findGpus(env),
  };
}

function findGpus(env: NodeJS.ProcessEnv): Gpu[] {
  try {
    const listed = execFileSync('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'], {
      ...{ env, encoding: 'utf8', timeout: GPU_TIMEOUT_MS, stdio: ['ignore', 'pipe', 'ignore'] },
    });
    return visibleGpus(parseGpus(listed), env['CUDA_VISIBLE_DEVICES']);
  } catch {
    return [];
  }
}

/** @param listed lines of name and mebibytes, as `nvidia-smi` prints them */
export function parseGpus(listed: string): Gpu[] {
  return listed.split('\n').flatMap((line) => {
    const [, name, memory] = /^\s*(.+),\s*(\d+)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, memoryMib: Number(memory) }];
  });
}

/** `nvidia-smi` lists all GPUs; programs see those that `CUDA_VISIBLE_DEVICES` names. */
function visibleGpus(gpus: Gpu[], visible: string | undefined): Gpu[] {
  if (visible === undefined) return gpus;
  const named = visible.split(',').filter((device) => device.trim() !== '' && device.trim() !== '-1');
  return gpus.slice(0, named.length);
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
