/** What a cache has to know of an item to order it. */
export interface Prioritised {
  /** Equal for equal items: a cache holds a key once. */
  key: string;
  rollup: string;
  /** Height of the sequence. */
  firstBatch: number;
  /** First block in which it would be too late; null while that is unknown or never. */
  windowEnd: number | null;
}

/** A deduplicated, sorted set of things to do. */
export interface PriorityCache<Item extends Prioritised> {
  readonly size: number;
  /** Adds an item; one with the same key is replaced. */
  put(item: Item): void;
  /** Removes and returns what comes first. */
  take(): Item | undefined;
  has(key: string): boolean;
  delete(key: string): boolean;
  /** All items in order. */
  sorted(): Item[];
}

/**
 * Lowest height first within a rollup; between rollups the one first in which a window ends first, looking at the
 * earliest window of all its items, since a lower sequence has to go before them. Ties are broken by height, then by
 * address and key, so the order is total.
 */
export function createPriorityCache<Item extends Prioritised>(): PriorityCache<Item> {
  const items = new Map<string, Item>();

  function sorted(): Item[] {
    const earliest = new Map<string, number>();
    for (const { rollup, windowEnd } of items.values()) {
      earliest.set(rollup, Math.min(earliest.get(rollup) ?? Infinity, windowEnd ?? Infinity));
    }
    const urgency = ({ rollup }: Item) => earliest.get(rollup) ?? Infinity;
    return [...items.values()].sort(
      (a, b) =>
        ascending(urgency(a), urgency(b)) ||
        ascending(a.firstBatch, b.firstBatch) ||
        ascending(a.rollup, b.rollup) ||
        ascending(a.windowEnd ?? Infinity, b.windowEnd ?? Infinity) ||
        ascending(a.key, b.key),
    );
  }

  return {
    get size() {
      return items.size;
    },
    put: (item) => void items.set(item.key, item),
    take() {
      const [first] = sorted();
      if (first) items.delete(first.key);
      return first;
    },
    has: (key) => items.has(key),
    delete: (key) => items.delete(key),
    sorted,
  };
}

function ascending<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
