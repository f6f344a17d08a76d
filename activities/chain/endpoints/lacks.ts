/** What a node may lack; each lack has a way around it. */
export type Lack = 'pending block' | 'calls by block hash' | 'logs by block hash' | 'block overrides';

/** What was taken for a lack may have been a hiccup, and nodes are replaced by newer ones: after so long it is tried again. */
const FORGOTTEN_AFTER_MS = 600_000;

/** What a node lacks, as far as is known. */
export interface Lacks {
  has(lack: Lack): boolean;
  /** @returns whether it was not known before, however long ago */
  add(lack: Lack): boolean;
  list(): Lack[];
}

export function createLacks(): Lacks {
  const foundAtMs = new Map<Lack, number>();
  const has = (lack: Lack): boolean => Date.now() - (foundAtMs.get(lack) ?? 0) < FORGOTTEN_AFTER_MS;
  return {
    has,
    add(lack) {
      const isNew = !foundAtMs.has(lack);
      foundAtMs.set(lack, Date.now());
      return isNew;
    },
    list: () => [...foundAtMs.keys()].filter(has),
  };
}
