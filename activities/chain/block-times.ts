import type { Header } from './chain-rpc.js';

/** So many of the newest blocks give the mean block time. */
export const SAMPLE_BLOCKS = 32;
/** Taken for the block time where the chain is too young to tell. */
const UNKNOWN_BLOCK_TIME_MS = 1_000;

/** Mean time between the newest blocks, by the chain's own clock. */
export interface BlockTimes {
  add(head: Header): void;
  meanMs(): number;
  /** Whether enough blocks were seen for the mean to hold. */
  isSure(): boolean;
}

export function createBlockTimes(first: readonly Header[] = []): BlockTimes {
  let recent = [...first];
  return {
    add(head) {
      // After a reorg the samples above the new head tell of another chain.
      recent = [...recent.filter(({ number }) => number < head.number), head].slice(-SAMPLE_BLOCKS);
    },
    meanMs() {
      const [oldest, newest] = [recent[0], recent.at(-1)];
      if (!oldest || !newest || newest.number <= oldest.number) return UNKNOWN_BLOCK_TIME_MS;
      const meanMs = ((newest.timestamp - oldest.timestamp) * 1000) / (newest.number - oldest.number);
      return meanMs > 0 ? meanMs : UNKNOWN_BLOCK_TIME_MS;
    },
    isSure: () => recent.length >= SAMPLE_BLOCKS / 2,
  };
}
