import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { proofTree, type ProofTree } from '../../domain/proof-tree.js';

const leaves = (tree: ProofTree): number[] => (tree.children ? tree.children.flatMap(leaves) : [tree.firstBatch]);
const depth = (tree: ProofTree): number => (tree.children ? 1 + Math.max(...tree.children.map(depth)) : 0);

describe('proofTree', () => {
  it('covers each batch once, in order, folds only adjacent runs and is as flat as can be', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1, max: 300 }), (first, count) => {
        const tree = proofTree(first, first + count - 1);
        expect(leaves(tree)).toEqual(Array.from({ length: count }, (_, index) => first + index));
        expect(depth(tree)).toBe(Math.ceil(Math.log2(count)));
        const check = ({ firstBatch, lastBatch, children }: ProofTree): void => {
          if (!children) return expect(firstBatch).toBe(lastBatch);
          const [left, right] = children;
          expect([left.firstBatch, left.lastBatch + 1, right.lastBatch]).toEqual([
            firstBatch,
            right.firstBatch,
            lastBatch,
          ]);
          children.forEach(check);
        };
        check(tree);
      }),
    );
  });

  it('refuses an empty run', () => {
    expect(() => proofTree(5, 4)).toThrow('at least one batch');
  });
});
