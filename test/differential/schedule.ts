import fc from 'fast-check';
import { anyMove, type Move } from './moves.js';

/** What goes wrong at our side in a block. */
type Mishap = 'none' | 'held' | 'down' | 'proofs-lost';

/** One block in which others do something, and the quiet ones before it. */
export interface ScheduledBlock {
  moves: Move[];
  /** Whether our transactions come before theirs in the block. */
  oursFirst: boolean;
  mishap: Mishap;
  /** Blocks that a held transaction is late by, or that we are down for. */
  lateBy: number;
  /** Before it, quiet blocks pass until this edge of the first unverified sequence's round can be met. */
  edge: 'none' | 'hash-window-end' | 'reveal-start' | 'end';
  edgeOffset: number;
}

export interface Schedule {
  arena: number;
  marginBlocks: number;
  /** How long our proofs take: others open rounds meanwhile. */
  provingBlocks: number[];
  /** So many of the others play by decide() as well; the rest only make the moves of the blocks. */
  honestRivals: number;
  /** Stakes, what we reserve with a commitment (0: the minimum), and rewards. */
  coins: { ours: number; reserve: number; theirs: number[]; rewards: number };
  blocks: ScheduledBlock[];
}

function scheduleOf(move: fc.Arbitrary<Move>, mishap: fc.Arbitrary<Mishap>): fc.Arbitrary<Schedule> {
  const block = fc.record({
    moves: fc.array(move, { maxLength: 4 }),
    oursFirst: fc.boolean(),
    mishap,
    lateBy: fc.integer({ min: 1, max: 6 }),
    edge: fc.constantFrom('none', 'none', 'hash-window-end', 'reveal-start', 'end'),
    edgeOffset: fc.integer({ min: -1, max: 1 }),
  });
  const schedule = fc.record({
    arena: fc.nat({ max: 2 }),
    marginBlocks: fc.nat({ max: 2 }),
    provingBlocks: fc.array(fc.constantFrom(0, 0, 1, 3, 7), { minLength: 1, maxLength: 4 }),
    honestRivals: fc.nat({ max: 2 }),
    coins: fc.record({
      ours: fc.constantFrom(10, 11, 21, 33, 80, 200),
      reserve: fc.constantFrom(0, 0, 5, 15, 25),
      theirs: fc.array(fc.integer({ min: 8, max: 300 }), { minLength: 3, maxLength: 3 }),
      rewards: fc.constantFrom(0, 1, 100),
    }),
    blocks: fc.array(block, { minLength: 8, maxLength: 24 }),
  });
  // A few runs are to meet everything: no preference for small values.
  return fc.noBias(schedule);
}

/** Anything at all, while all goes well with us. */
export const anySchedule = scheduleOf(anyMove(), fc.constant('none'));

/** Anything at all, with transactions of ours that land late or not, hours of absence, and lost proofs. */
export const anyScheduleWithMishaps = scheduleOf(
  anyMove(),
  fc.constantFrom('none', 'none', 'none', 'held', 'held', 'down', 'proofs-lost'),
);

/**
 * Others move legally or not, with right proofs behind their hashes; the pool holds all rewards, and nothing is in our
 * way but a proof that is lost or an absence, after which another may have been first: what is compared is the two-step
 * alone.
 */
export const anyFairSchedule: fc.Arbitrary<Schedule> = scheduleOf(
  anyMove([
    ...(['commit-junk', 'commit-copied', 'pause', 'schedule-rollback', 'withdraw'] as const),
    ...(['cap', 'deposit-ours', 'withdraw-ours', 'cap-ours'] as const),
  ]),
  fc.constantFrom('none', 'none', 'none', 'down', 'proofs-lost'),
).map((schedule) => ({
  ...schedule,
  marginBlocks: 0,
  coins: { ...schedule.coins, ours: 200, rewards: 100 },
}));

/** A block in which nobody does anything by plan. */
export function quiet(moves: Move[] = []): ScheduledBlock {
  return { moves, oursFirst: true, mishap: 'none', lateBy: 1, edge: 'none', edgeOffset: 0 };
}
