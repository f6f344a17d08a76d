import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readCommandNeeds } from '../../provers/command/command-needs.js';
import type { Settings } from '../settings/settings-table.js';
import type { Machine } from '../slots/machine.js';
import { check, CheckFailedError, type CheckLine } from './check-line.js';

const GIB = 2 ** 30;
/** Programs, circuits and keys, and as much again while new ones are made. */
const DISK_NEEDED_GIB = 2;
/** What one proof of the default rollup type takes (docs/benchmarks.md), and the process itself. */
const USUAL_MEMORY_A_SLOT_GIB = 1.5;
const GPU_TIMEOUT_MS = 10_000;

type MachineSettings = Pick<Settings, 'cache' | 'slots' | 'hardwareClass' | 'prover'> & {
  proverCommand?: Settings['proverCommand'] | undefined;
};

/** Looks at processors, memory, disk and, for a machine of class gpu, graphics cards. */
export async function checkMachine(given: MachineSettings, machine: Machine): Promise<CheckLine[]> {
  const { cache, slots, hardwareClass } = given;
  return [
    await check('processors', () => checkProcessors(slots, machine.cores)),
    await check('memory', () => checkMemory(slots, machine.memoryBytes / GIB, memoryASlotGib(given))),
    await check('disk', () => checkDisk(cache)),
    ...(hardwareClass === 'gpu' ? [await check('graphics cards', () => checkGpus(slots))] : []),
  ];
}

function checkProcessors(slots: number, cores: number): string {
  if (slots <= cores) return `${cores}, for ${slots} ${slots === 1 ? 'slot' : 'slots'}`;
  throw new CheckFailedError(
    `${cores}, for ${slots} slots: every proof would be slower than one after the other; set ZKPOW_SLOTS to ${cores} at most`,
  );
}

/** What a prover command says that a proof takes, or what one usually does. */
function memoryASlotGib({ prover, proverCommand, hardwareClass }: MachineSettings): number {
  if (prover !== 'command' || proverCommand === undefined || hardwareClass !== 'cpu') return USUAL_MEMORY_A_SLOT_GIB;
  return readCommandNeeds(proverCommand).memoryGiBPerProof ?? USUAL_MEMORY_A_SLOT_GIB;
}

function checkMemory(slots: number, gib: number, gibASlot: number): string {
  const needed = slots * gibASlot;
  const found = `${gib.toFixed(1)} GiB, for ${slots} ${slots === 1 ? 'slot' : 'slots'}`;
  if (gib >= needed) return found;
  const room = Math.floor(gib / gibASlot);
  const change = room > 0 ? `set ZKPOW_SLOTS to ${room}` : 'this machine, or its container, needs more memory';
  throw new CheckFailedError(`${found} of about ${gibASlot} GiB each: ${change}`);
}

async function checkDisk(cache: string): Promise<string> {
  mkdirSync(cache, { recursive: true });
  const { bavail, bsize } = await statfs(cache);
  const free = (bavail * bsize) / GIB;
  if (free >= DISK_NEEDED_GIB) return `${free.toFixed(1)} GiB free in ${cache}`;
  throw new CheckFailedError(
    `${free.toFixed(1)} GiB free in ${cache}, ${DISK_NEEDED_GIB} are needed: make room, or set ZKPOW_CACHE to a larger disk`,
  );
}

async function checkGpus(slots: number): Promise<string> {
  const query = ['--query-gpu=name,memory.total', '--format=csv,noheader'];
  const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: GPU_TIMEOUT_MS }).catch(
    (error: unknown) => {
      const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
      throw new CheckFailedError(
        `ZKPOW_HARDWARE_CLASS is gpu and nvidia-smi does not run (${reason}): install the driver (in a container, its toolkit), or set the class to cpu`,
      );
    },
  );
  const cards = stdout.split('\n').filter((line) => line.trim() !== '');
  if (cards.length === 0) {
    throw new CheckFailedError(
      'nvidia-smi finds none: see that the driver sees the card, or set ZKPOW_HARDWARE_CLASS to cpu',
    );
  }
  return `${cards.map((card) => card.replace(', ', ' with ')).join('; ')}, for ${slots} ${slots === 1 ? 'slot' : 'slots'}`;
}
