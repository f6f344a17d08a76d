import { visibleGpus } from './cuda-visible-devices.js';
import { askNvidiaSmi } from './nvidia-smi.js';

/** A graphics card, or the part of one (MIG) that stands for a card. */
export interface Gpu {
  name: string;
  /** Null where the driver does not say: as on cards that share the memory of the machine. */
  memoryMib: number | null;
}

/** A card as the driver lists it. */
export interface ListedGpu extends Gpu {
  /** `GPU-` and hexadecimal digits; null where the driver keeps it back. */
  uuid: string | null;
  /** Whether it is divided: CUDA then sees its parts. */
  isDivided: boolean;
  /** The UUIDs of its parts: `MIG-` and hexadecimal digits. */
  parts: readonly string[];
}

/** The cards that a program on this machine can use. */
export interface FoundGpus {
  gpus: Gpu[];
  /** What keeps cards from being used, a sentence each: a lost card, a driver that does not answer. */
  troubles: string[];
}

/** The name comes last: it may hold commas. */
const QUERY = ['--query-gpu=uuid,memory.total,mig.mode.current,name', '--format=csv,noheader,nounits'];
/** In the place of a value, these say that the card answers nothing any more. */
const LOST = /^\[(unknown error|gpu is lost|gpu requires reset|.*reset required.*)\]$/i;

/**
 * Looks for graphics cards and counts them as CUDA does: without those that the driver has lost, and as
 * `CUDA_VISIBLE_DEVICES` says. A machine without `nvidia-smi` has none.
 */
export async function findGpus(env: NodeJS.ProcessEnv): Promise<FoundGpus> {
  const answer = await askNvidiaSmi(env, QUERY);
  if (answer === null) return { gpus: [], troubles: [] };
  const { gpus, others } = parseGpus(answer.lines);
  const troubles = others.map((line) => `nvidia-smi said: ${line}`);
  if (answer.failure !== null) {
    troubles.push(`nvidia-smi ${answer.failure}; usable cards: ${gpus.length}`);
  }
  const listed = gpus.some(({ isDivided }) => isDivided) ? await withParts(gpus, env) : gpus;
  const visible = visibleGpus(listed, env['CUDA_VISIBLE_DEVICES']);
  return { gpus: visible.gpus, troubles: [...troubles, ...visible.problems] };
}

/**
 * @param lines as `nvidia-smi` prints them for `QUERY`
 * @returns the usable cards, and the lines that are none of them
 */
export function parseGpus(lines: readonly string[]): { gpus: ListedGpu[]; others: string[] } {
  const gpus: ListedGpu[] = [];
  const others: string[] = [];
  for (const line of lines) {
    const [uuid, memory, mode, name] = /^([^,]+),([^,]+),([^,]+),(.+)$/.exec(line)?.slice(1).map(trim) ?? [];
    const isRow = uuid !== undefined && memory !== undefined && name !== undefined && /^(GPU-|\[)/.test(uuid);
    if (!isRow || [uuid, memory, name].some((value) => LOST.test(value))) {
      others.push(line);
      continue;
    }
    gpus.push({
      name,
      uuid: uuid.startsWith('GPU-') ? uuid : null,
      memoryMib: /^\d+$/.test(memory) ? Number(memory) : null,
      isDivided: mode === 'Enabled',
      parts: [],
    });
  }
  return { gpus, others };
}

/** Adds the parts of divided cards, which only the long list names, each below its card. */
async function withParts(gpus: readonly ListedGpu[], env: NodeJS.ProcessEnv): Promise<ListedGpu[]> {
  const partsByCard = new Map<string, string[]>();
  let parts: string[] = [];
  for (const line of (await askNvidiaSmi(env, ['-L']))?.lines ?? []) {
    const [, kind, uuid] = /^(GPU|MIG)\b.*\(UUID: ([^)]+)\)/.exec(line) ?? [];
    if (uuid === undefined) continue;
    if (kind === 'MIG') parts.push(uuid);
    else partsByCard.set(uuid, (parts = []));
  }
  return gpus.map((gpu) => ({ ...gpu, parts: (gpu.uuid !== null && partsByCard.get(gpu.uuid)) || [] }));
}

function trim(text: string): string {
  return text.trim();
}
