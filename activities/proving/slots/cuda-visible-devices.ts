import type { Gpu, ListedGpu } from './gpus.js';

/** The cards that CUDA shows to a program. */
export interface VisibleGpus {
  gpus: Gpu[];
  /** Names in the variable that CUDA takes for the end of the list. */
  problems: string[];
}

/** What a name in the variable stands for: a card, or a part of one. */
interface Named {
  id: string;
  card: ListedGpu;
}

/**
 * The cards that `CUDA_VISIBLE_DEVICES` leaves, by the rules of CUDA's programming guide ("CUDA environment variables"): names
 * are indices, UUIDs or beginnings of UUIDs that fit one card; the list ends at the first that is invalid, as -1 is;
 * a card named twice leaves none. Of divided cards (MIG) a process sees one part at most, and then nothing else.
 *
 * @param visible undefined shows all cards
 */
export function visibleGpus(cards: readonly ListedGpu[], visible: string | undefined): VisibleGpus {
  if (visible === undefined) return { gpus: asCudaShows(cards), problems: [] };
  const named = new Map<string, ListedGpu>();
  const problems: string[] = [];
  for (const name of visible.split(',').map((part) => part.trim())) {
    const found = find(name, cards);
    if (found === null) {
      // -1 and nothing at all are the usual ways to end the list, or to show no card.
      if (!/^(-1)?$/.test(name)) problems.push(unknown(name, cards));
      break;
    }
    if (named.has(found.id)) {
      return { gpus: [], problems: [`CUDA_VISIBLE_DEVICES names ${name} twice: CUDA then shows no card at all`] };
    }
    named.set(found.id, found.card);
  }
  return { gpus: asCudaShows([...named.values()]), problems };
}

function asCudaShows(cards: readonly ListedGpu[]): Gpu[] {
  const divided = cards.find(({ parts }) => parts.length > 0);
  if (divided) return [{ name: `${divided.name} (a part of it, MIG)`, memoryMib: null }];
  return cards.filter(({ isDivided }) => !isDivided).map(({ name, memoryMib }) => ({ name, memoryMib }));
}

/** @returns null for a name that fits nothing, or more than one */
function find(name: string, cards: readonly ListedGpu[]): Named | null {
  // What follows the digits does not count, as in C's strtol.
  const [index] = /^\+?\d+/.exec(name) ?? [];
  const fitting = cards.flatMap((card, position): Named[] => {
    const whole = { id: String(position), card };
    if (index !== undefined) return position === Number(index) ? [whole] : [];
    // Older drivers name a part by its card and two numbers.
    const [, ofCard] = /^MIG-(GPU-[^/]+)\/\d+\/\d+$/.exec(name) ?? [];
    if (ofCard !== undefined) return card.parts.length > 0 && card.uuid?.startsWith(ofCard) ? [{ id: name, card }] : [];
    if (/^MIG-./.test(name)) return card.parts.filter((id) => id.startsWith(name)).map((id) => ({ id, card }));
    return /^GPU-./.test(name) && card.uuid?.startsWith(name) ? [whole] : [];
  });
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}

function unknown(name: string, cards: readonly ListedGpu[]): string {
  const known = cards.map(({ uuid }, index) => (uuid === null ? `${index}` : `${index} (${uuid})`));
  return (
    `CUDA_VISIBLE_DEVICES names "${name}", which fits no card or more than one: CUDA ignores it and all after it. ` +
    `Cards found: ${known.join(', ') || 'none'}`
  );
}
