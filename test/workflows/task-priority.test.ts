import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { taskPriority } from '../../domain/task-priority.js';

const ahead = fc.nat({ max: 10_000 });

describe('the priority of a task', () => {
  test('is a level of the server: 1 to 100', () => {
    fc.assert(
      fc.property(fc.constantFrom('batch', 'aggregate', 'final'), ahead, (kind, sequences) => {
        const level = taskPriority(kind, sequences);
        expect(level).toBeGreaterThanOrEqual(1);
        expect(level).toBeLessThanOrEqual(100);
      }),
    );
  });

  test('puts every final proof before every fold, and every fold before every batch', () => {
    fc.assert(
      fc.property(ahead, ahead, (one, other) => {
        expect(taskPriority('final', one)).toBeLessThan(taskPriority('aggregate', other));
        expect(taskPriority('aggregate', one)).toBeLessThan(taskPriority('batch', other));
      }),
    );
  });

  test('puts the nearer sequence first, and tells the nearest apart', () => {
    fc.assert(
      fc.property(fc.constantFrom('batch', 'aggregate', 'final'), ahead, (kind, sequences) => {
        expect(taskPriority(kind, sequences)).toBeLessThanOrEqual(taskPriority(kind, sequences + 1));
      }),
    );
    const nearest = Array.from({ length: 30 }, (_, sequences) => taskPriority('batch', sequences));
    expect(new Set(nearest).size).toBe(30);
  });
});
