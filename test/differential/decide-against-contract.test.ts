import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startArenas, type Arena, type Saved } from './arena.js';
import { aRevealIsDue, somethingIsOpen, whatEarnsMore } from './alternatives.js';
import { beDown, begin, playBlock, playSchedule, reachEdge, type Play, type Tally } from './play.js';
import { anyFairSchedule, anySchedule, anyScheduleWithMishaps, type Schedule } from './schedule.js';

// More of it: ZKPOW_DIFFERENTIAL_RUNS=500 ZKPOW_DIFFERENTIAL_SEED=2 npx vitest run --project fast test/differential
const runs = Number(process.env['ZKPOW_DIFFERENTIAL_RUNS'] ?? 6);
const seed = Number(process.env['ZKPOW_DIFFERENTIAL_SEED'] ?? 1);
// A counterexample is printed with its seed and path; making it smaller would take many minutes.
const parameters = { numRuns: runs, seed, endOnFailure: true };
const timeout = 60_000 + runs * 30_000;

let arenas: Arena[];
let close: () => Promise<void>;

beforeAll(async () => {
  ({ arenas, close } = await startArenas());
});
afterAll(() => close());

/** Runs a play on a rollup as fresh as it was launched. */
async function onFreshRollup(schedule: Schedule, play: (arena: Arena) => Promise<void>): Promise<void> {
  const arena = arenas[schedule.arena];
  if (!arena) throw new RangeError(`no arena ${schedule.arena}`);
  const saved: Saved = await arena.save();
  try {
    await play(arena);
  } finally {
    await arena.goBack(saved);
  }
}

/** Where alternatives are compared. */
interface Comparison {
  /** At which of the moments that it could be. */
  chance: number;
  /** About which of our sequences. */
  pick: number;
  /** So many blocks after a reveal was due that we missed: another's proof may be accepted by then, or the round be over. */
  missedBlocks: number;
}

const anyComparison: fc.Arbitrary<Comparison> = fc.noBias(
  fc.record({
    chance: fc.nat({ max: 4 }),
    pick: fc.nat({ max: 5 }),
    missedBlocks: fc.constantFrom(0, 0, 0, 1, 2, 8),
  }),
);

async function isTimeFor({ missedBlocks }: Comparison, play: Play): Promise<boolean> {
  return missedBlocks === 0 ? somethingIsOpen(play) : aRevealIsDue(play);
}

async function compareAt(play: Play, { pick, missedBlocks }: Comparison): Promise<void> {
  await beDown(play, missedBlocks);
  if (await somethingIsOpen(play)) expect(await whatEarnsMore(play, pick)).toBeNull();
}

/** Figures of a run that was asked for. */
function show(tally: Tally): void {
  if (process.env['ZKPOW_DIFFERENTIAL_RUNS']) console.log(Object.fromEntries([...tally].sort()));
}

describe('what decide() says', () => {
  test(
    'never reverts in its block and costs no penalty, whatever others do',
    async () => {
      const tally: Tally = new Map();
      await fc.assert(
        fc.asyncProperty(anySchedule, (schedule) =>
          onFreshRollup(schedule, (arena) => playSchedule(arena, schedule, tally)),
        ),
        parameters,
      );
      show(tally);
      expect(tally.get('ours accepted')).toBeGreaterThan(0);
    },
    timeout,
  );

  test(
    'costs gas only when it lands later, and a silence penalty only after a mishap',
    async () => {
      const tally: Tally = new Map();
      await fc.assert(
        fc.asyncProperty(anyScheduleWithMishaps, (schedule) =>
          onFreshRollup(schedule, (arena) => playSchedule(arena, schedule, tally)),
        ),
        parameters,
      );
      show(tally);
      expect(tally.get('landed late')).toBeGreaterThan(0);
    },
    timeout,
  );

  test(
    'earns at least as much as any other legal move would, against rivals who play as well',
    async () => {
      const tally: Tally = new Map();
      await fc.assert(
        fc.asyncProperty(anyFairSchedule, anyComparison, (schedule, comparison) =>
          onFreshRollup(schedule, async (arena) => {
            const play = await begin(arena, schedule, tally);
            let chancesLeft = comparison.chance;
            for (const scheduled of schedule.blocks) {
              await reachEdge(play, scheduled);
              if (await isTimeFor(comparison, play)) {
                if (chancesLeft === 0) return compareAt(play, comparison);
                chancesLeft -= 1;
              }
              await playBlock(play, scheduled);
            }
          }),
        ),
        parameters,
      );
      show(tally);
      expect(tally.get('earned less')).toBeGreaterThan(0);
    },
    timeout,
  );
});
