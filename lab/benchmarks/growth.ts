import type { BenchContext } from './bench-context.js';
import { benchRollup, benchSequence } from './bench-rollup.js';
import { boundOf, equalSequences, type BenchWork } from './bench-work.js';
import { figuresOf, measurementOf, ms, type BenchOutcome } from './measurement.js';
import { openTemporalScene, runInScene } from './on-temporal.js';
import { memoryOf } from './process-memory.js';

const PROCESSES = 10;
const SLOTS = [10, 100, 1_000];
const ROLLUPS = [1, 100, 1_000];
/** Proofs that all slots together finish in a second, however many there are: what grows is the number of machines. */
const PROOFS_PER_SECOND = 20;
/** Fewer say little. */
const LEAST_TASKS = 300;
const SPREAD = 0.2;
const INPUT_BYTES = 25_000;
const SEQUENCE_LENGTH = 20;
/** Of the cases with several rollups. */
const ROLLUP_SLOTS = 100;
const LEAST_SEQUENCES = 200;

/** What becomes of the gap, and of the server's CPU time and memory for a proof, when everything gets larger. */
export async function growth(context: BenchContext): Promise<BenchOutcome[]> {
  const { scale, seed } = context.options;
  const outcomes: BenchOutcome[] = [];
  for (const usual of SLOTS) {
    const slots = Math.max(PROCESSES, Math.round((usual * scale) / PROCESSES) * PROCESSES);
    const tasks = Math.max(Math.round(LEAST_TASKS * scale), 2 * slots);
    const work: BenchWork = {
      sequences: equalSequences(tasks, SEQUENCE_LENGTH),
      times: { secondsByKind: { batch: slots / PROOFS_PER_SECOND }, spread: SPREAD, seed },
      inputBytes: INPUT_BYTES,
      folds: false,
    };
    outcomes.push(await measure(context, `growth, ${slots} slots`, work, slots));
  }
  for (const usual of ROLLUPS) {
    const rollups = Math.max(1, Math.round(usual * scale));
    const each = Math.ceil((LEAST_SEQUENCES * scale) / rollups);
    const work: BenchWork = {
      sequences: Array.from({ length: rollups }, (_, index) => benchRollup(index + 1)).flatMap((rollup) =>
        Array.from({ length: each }, (_, batch) => benchSequence(rollup, batch + 1, batch + 1)),
      ),
      times: { secondsByKind: { batch: 2, final: 0.5 }, spread: SPREAD, seed },
      inputBytes: INPUT_BYTES,
      folds: true,
    };
    const slots = Math.max(PROCESSES, Math.round((ROLLUP_SLOTS * scale) / PROCESSES) * PROCESSES);
    outcomes.push(await measure(context, `growth, ${rollups} rollups`, work, slots));
  }
  return outcomes;
}

async function measure(
  { servers, report }: BenchContext,
  name: string,
  work: BenchWork,
  slots: number,
): Promise<BenchOutcome> {
  const bound = boundOf(work, slots);
  report(`${name}: ${bound.tasks} proofs, at least ${ms(bound.boundMs)}`);
  const options = { servers, work, bound, machines: PROCESSES, slotsPerMachine: slots / PROCESSES, report };
  const scene = await openTemporalScene(options);
  try {
    const ours = figuresOf('zkpow', await runInScene(scene, options), bound, slots);
    const serverSeconds = ours.result.cpu.servers;
    const memory = memoryOf([servers.temporal.pid, servers.postgres.pid]) / 2 ** 20;
    return {
      measurement: measurementOf(name, bound, slots, ours),
      ways: [ours],
      goals: [],
      notes: [
        `servers: ${serverSeconds === null ? '–' : ms((1000 * serverSeconds) / bound.tasks)} of CPU time a proof, ` +
          `${memory.toFixed(0)} MiB at the end (${((1024 * memory) / bound.tasks).toFixed(0)} KiB a proof)`,
      ],
      failures: [],
    };
  } finally {
    await scene.close();
  }
}
