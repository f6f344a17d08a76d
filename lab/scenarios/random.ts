import { createHash } from 'node:crypto';
import type { Hex } from '../../domain/sequence.js';

/** Choices that look random and are the same for the same seed. Not for secrets. */
export interface Random {
  /** At least 0 and less than 1. */
  next(): number;
  /** A whole number, at least 0 and less than `bound`. */
  below(bound: number): number;
  /** A whole number, both ends included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  bytes32(): Hex;
  /** An independent source, so that what one part of a run draws does not shift what another draws. */
  fork(name: string): Random;
}

/** sha256 in counter mode: slow and plain, for a few thousand choices a run. */
export function createRandom(seed: string): Random {
  let drawn = 0;
  const digest = (): Buffer => createHash('sha256').update(`${seed}/${drawn++}`).digest();
  const next = (): number => digest().readUInt32BE(0) / 2 ** 32;
  const below = (bound: number): number => Math.floor(next() * bound);
  return {
    next,
    below,
    between: (low, high) => low + below(high - low + 1),
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new RangeError('nothing to pick from');
      return item;
    },
    shuffled: (items) =>
      items
        .map((item) => ({ item, at: next() }))
        .sort((a, b) => a.at - b.at)
        .map(({ item }) => item),
    bytes32: () => `0x${digest().toString('hex')}`,
    fork: (name) => createRandom(`${seed}/${name}`),
  };
}
