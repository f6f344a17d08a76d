import { ms, type BenchOutcome, type WayFigures } from './measurement.js';

/** A benchmark's outcome in lines of text. */
export function describeOutcome({ measurement, ways, goals, notes, failures }: BenchOutcome): string {
  const { name, tasks, slots, boundMs, cpuSecondsPer1000, bytesPerProof } = measurement;
  return [
    `${name}: ${tasks} proofs on ${slots} slots, at least ${ms(boundMs)}`,
    ...ways.map(describeWay),
    ...(cpuSecondsPer1000 === null ? [] : [`  CPU time of 1000 proofs ${cpuSecondsPer1000.toFixed(1)} s`]),
    ...(bytesPerProof === null ? [] : [`  databases grow by ${Math.round(bytesPerProof)} bytes a proof`]),
    ...notes.map((note) => `  ${note}`),
    ...goals.map(
      ({ what, reach, reached, met }) => `  ${met === null ? '?' : met ? '✓' : '✗'} ${what}: ${reached} (${reach})`,
    ),
    ...failures.map((failure) => `  NOT AS GOOD AS A JOB QUEUE: ${failure}`),
  ].join('\n');
}

/** One way's figures in a line. */
export function describeWay(figures: WayFigures): string {
  const { name, wallMs, utilisation, gapMsP50, gapMsP99, dispatchMsP50, dispatchMsP99, firstStartMs } = figures;
  const { servers, aggregator, provers } = figures.result.cpu;
  const cpu = [servers, aggregator, provers]
    .map((seconds) => (seconds === null ? '–' : seconds.toFixed(1)))
    .join(' + ');
  return (
    `  ${name.padEnd(16)} wall ${ms(wallMs)}, utilisation ${utilisation.toFixed(4)}, ` +
    `gap p50 ${ms(gapMsP50)}, p99 ${ms(gapMsP99)}, with work in the queue ${ms(dispatchMsP50)}, ${ms(dispatchMsP99)}, first start ${ms(firstStartMs)}, ` +
    `CPU of servers + aggregator + provers ${cpu} s`
  );
}
