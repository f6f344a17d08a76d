import type { Hex } from '../../domain/sequence.js';
import type { Header } from './endpoints/rpc-answers.js';

/** So many of the newest blocks give the usual block time. */
const SAMPLE_BLOCKS = 32;
/** So many of them are asked for where too few were seen. */
export const FIRST_SAMPLES = 9;
/** Taken for the block time where the chain is too young to tell. */
const UNKNOWN_BLOCK_TIME_MS = 1_000;

/**
 * Usual time between the newest blocks, by the chain's own clock: the median, since a chain that stood still for a
 * while would raise the mean so far that a timer sleeps through a window.
 */
export interface BlockTimes {
  add(head: Header): void;
  medianMs(): number;
  /** Hash of the block that was added last, null for none. */
  newest(): Hex | null;
  /** Whether enough blocks were seen for the median to hold. */
  isSure(): boolean;
}

/** From here on whole seconds are fine enough. */
const FINE_ENOUGH_MS = 2_000;

function meanMs(blocks: readonly Header[]): number {
  const [first, last] = [blocks[0], blocks.at(-1)];
  if (!first || !last || last.number <= first.number) return 0;
  return ((last.timestamp - first.timestamp) * 1000) / (last.number - first.number);
}

export function createBlockTimes(first: readonly Header[] = []): BlockTimes {
  let recent = [...first];
  return {
    add(head) {
      // After a reorg the samples above the new head tell of another chain.
      recent = [...recent.filter(({ number }) => number < head.number), head].slice(-SAMPLE_BLOCKS);
    },
    medianMs() {
      const intervalsMs = recent.flatMap((block, index) => {
        const before = recent[index - 1];
        if (!before || block.number <= before.number) return [];
        return [((block.timestamp - before.timestamp) * 1000) / (block.number - before.number)];
      });
      const medianMs = intervalsMs.sort((a, b) => a - b)[Math.floor(intervalsMs.length / 2)] ?? 0;
      // The chain's clock counts seconds: of faster blocks only the time that many of them took says something.
      const usualMs = medianMs < FINE_ENOUGH_MS ? meanMs(recent) : medianMs;
      return usualMs > 0 ? usualMs : UNKNOWN_BLOCK_TIME_MS;
    },
    newest: () => recent.at(-1)?.hash ?? null,
    isSure: () => recent.length >= SAMPLE_BLOCKS / 2,
  };
}
