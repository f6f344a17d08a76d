import type { BenchContext } from './bench-context.js';
import { benchRollup, benchSequence } from './bench-rollup.js';
import { boundOf, type BenchWork } from './bench-work.js';
import { figuresOf, measurementOf, ms, type BenchOutcome, type WayFigures } from './measurement.js';
import { openTemporalScene, runInScene } from './on-temporal.js';
import { quantileOf } from './slot-use.js';
import { describeStages } from './time-stages.js';
import type { WayOptions } from './way.js';

const BURSTS = 12;
const PROOF_SECONDS = 1;
const INPUT_BYTES = 25_000;

/** As many proofs as there are idle machines, again and again: each machine should get one, at once. */
export async function burst({ servers, options, report }: BenchContext): Promise<BenchOutcome[]> {
  const { machines } = options;
  const way = (burstNumber: number): WayOptions => {
    const work: BenchWork = {
      sequences: [benchSequence(benchRollup(burstNumber), 1, machines)],
      times: { secondsByKind: { batch: PROOF_SECONDS }, seed: options.seed },
      inputBytes: INPUT_BYTES,
      folds: false,
    };
    return { servers, work, bound: boundOf(work, machines), machines, slotsPerMachine: 1, report };
  };
  const bursts = Math.max(2, Math.round(BURSTS * options.scale));
  report(`${bursts} times ${machines} proofs of ${PROOF_SECONDS} s to ${machines} idle machines`);
  const scene = await openTemporalScene(way(1));
  const all: WayFigures[] = [];
  try {
    for (let number = 1; number <= bursts; number++) {
      const options = way(number);
      all.push(figuresOf(`burst ${number}`, await runInScene(scene, options), options.bound, machines));
    }
  } finally {
    await scene.close();
  }
  const [first, ...later] = all;
  if (!first) throw new Error('no burst was measured');
  return [outcomeOf(first, later, way(1))];
}

/** The first burst warms programs up; figures are of the later ones. */
function outcomeOf(first: WayFigures, later: WayFigures[], { bound, machines }: WayOptions): BenchOutcome {
  const overheads = later.map(overheadMs).sort((a, b) => a - b);
  const typical = [...later].sort((a, b) => overheadMs(a) - overheadMs(b))[Math.floor(later.length / 2)] ?? first;
  const doubled = [first, ...later].reduce(
    (sum, { slots }) => sum + slots.filter(({ spans }) => spans.length > 1).length,
    0,
  );
  const median = quantileOf(overheads, 0.5);
  return {
    measurement: measurementOf('burst', bound, machines, typical),
    ways: [typical],
    goals: [
      {
        what: `burst: ${machines} proofs to ${machines} idle slots, wall less the proof`,
        reach: '≤ 60 ms',
        reached: `median ${ms(median)}, longest ${ms(overheads.at(-1) ?? null)}, the very first ${ms(overheadMs(first))}`,
        met: (median ?? Infinity) <= 60,
      },
      {
        what: 'burst: two on one machine while another is idle',
        reach: 'never',
        reached: doubled === 0 ? `never in ${later.length + 1} bursts` : `${doubled} times`,
        met: doubled === 0,
      },
    ],
    notes: [`figures are of the burst in the middle, of ${later.length}`, describeStages(typical.result)],
    failures: doubled === 0 ? [] : [`${doubled} machines got two tasks while another had none`],
  };
}

/** From the request to the end of the last proof, less the time of one. */
function overheadMs({ result }: WayFigures): number {
  const lastEnd = result.spans.reduce((last, { endedAtMs }) => Math.max(last, endedAtMs), 0);
  return lastEnd - result.startedAtMs - PROOF_SECONDS * 1000;
}
