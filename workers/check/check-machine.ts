import { mkdirSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import type { HardwareClass } from '../../domain/names.js';
import { readCommandNeeds } from '../../provers/backends/command/command-needs.js';
import type { Settings } from '../../platform/settings/settings-table.js';
import type { Machine } from '../../activities/proving/slots/machine.js';
import { check, CheckFailedError, type CheckLine } from './check-line.js';

const GIB = 2 ** 30;
/** Programs, circuits and keys, and as much again while new ones are made. */
const DISK_NEEDED_GIB = 2;
/** What one proof of the default rollup type takes (docs/benchmarks.md), and the process itself. */
const USUAL_MEMORY_A_SLOT_GIB = 1.5;

type MachineSettings = Pick<Settings, 'cache' | 'slots' | 'hardwareClass' | 'prover'> & {
  proverCommand?: Settings['proverCommand'] | undefined;
};

/** Looks at processors, memory, disk and graphics cards, those only in class gpu or where something is wrong with them. */
export async function checkMachine(given: MachineSettings, machine: Machine): Promise<CheckLine[]> {
  const { cache, slots, hardwareClass } = given;
  return [
    await check('processors', () => checkProcessors(slots, machine.cores)),
    await check('memory', () => checkMemory(slots, machine.memoryBytes / GIB, memoryASlotGib(given))),
    await check('disk', () => checkDisk(cache)),
    ...(hardwareClass === 'gpu' || machine.gpuTroubles.length > 0
      ? [await check('graphics cards', () => checkGpus(slots, hardwareClass, machine))]
      : []),
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

function checkGpus(slots: number, hardwareClass: HardwareClass, { gpus, gpuTroubles }: Machine): string {
  const cards = gpus.map(({ name, memoryMib }) => (memoryMib === null ? name : `${name} with ${memoryMib} MiB`));
  const troubles = gpuTroubles.join('; ');
  if (hardwareClass === 'cpu') return `not used in class cpu; ${troubles}`;
  if (cards.length === 0) {
    throw new CheckFailedError(
      `ZKPOW_HARDWARE_CLASS is gpu and no card is found${troubles && ` (${troubles})`}: install the driver (in a container, its toolkit), or set the class to cpu`,
    );
  }
  if (troubles !== '') throw new CheckFailedError(`${troubles}. Usable: ${cards.join('; ')}`);
  return `${cards.join('; ')}, for ${slots} ${slots === 1 ? 'slot' : 'slots'}`;
}
