import { setTimeout as delay } from 'node:timers/promises';
import type { BenchContext } from './bench-context.js';
import { benchRollup, benchSequence } from './bench-rollup.js';
import { boundOf, type BenchWork } from './bench-work.js';
import { describeMachine } from './machine.js';
import type { BenchOutcome } from './measurement.js';
import { openTemporalScene, type TemporalScene } from './on-temporal.js';
import { cpuSecondsOf } from './process-cpu.js';

const FEW = 10;
const MANY = 1_000;
const PROCESSES = 10;
const WATCHED_MS = 30_000;
/** Until the work of the start has died down. */
const SETTLED_MS = 10_000;

/** What machines that wait for work cost the server: ten of one slot against ten of a hundred. */
export async function idle({ servers, options, report }: BenchContext): Promise<BenchOutcome[]> {
  const many = Math.max(2 * PROCESSES, Math.round((MANY * options.scale) / PROCESSES) * PROCESSES);
  const work: BenchWork = {
    sequences: [benchSequence(benchRollup(1), 1, 1)],
    times: { secondsByKind: { batch: 1 } },
    inputBytes: 100,
    folds: false,
  };
  const watchedMs = Math.max(2_000, WATCHED_MS * options.scale);
  const coresOf = async (slots: number): Promise<number | null> => {
    report(`${slots} idle slots in ${PROCESSES} processes`);
    const scene = await openTemporalScene({
      ...{ servers, work, bound: boundOf(work, slots), report },
      ...{ machines: PROCESSES, slotsPerMachine: slots / PROCESSES },
    });
    try {
      await delay(Math.min(SETTLED_MS, watchedMs));
      return await serverCores(scene, watchedMs);
    } finally {
      await scene.close();
    }
  };
  const few = await coresOf(FEW);
  const large = await coresOf(many);
  const more = few === null || large === null ? null : large - few;
  const percent = (cores: number | null) => (cores === null ? '–' : `${(100 * cores).toFixed(1)} %`);
  return [
    {
      measurement: {
        ...{ name: 'idle', tasks: 0, slots: many, wallMs: watchedMs, boundMs: watchedMs, utilisation: 0 },
        ...{ gapMsP50: null, gapMsP99: null, cpuSecondsPer1000: null, bytesPerProof: null },
        ...{ machine: describeMachine(), ratios: { oldWay: null, graphileWorker: null } },
      },
      ways: [],
      goals: [
        {
          what: `${many} idle slots against ${FEW}: server CPU`,
          reach: '< 10 % of a core more',
          reached: `${percent(large)} against ${percent(few)} of a core: ${percent(more)} more`,
          met: more === null ? null : more < 0.1,
        },
      ],
      notes: [],
      failures: [],
    },
  ];
}

/** Cores that the Temporal server and Postgres keep busy while nothing is to be done. */
async function serverCores({ servers }: TemporalScene, watchedMs: number): Promise<number | null> {
  const pids = [servers.temporal.pid, servers.postgres.pid];
  const before = cpuSecondsOf(pids);
  const begun = Date.now();
  await delay(watchedMs);
  const after = cpuSecondsOf(pids);
  return before === null || after === null ? null : (after - before) / ((Date.now() - begun) / 1000);
}
