import type { ProofSpan } from './proof-log.js';
import { ms, type BenchOutcome, type WayFigures } from './measurement.js';

const WIDTH = 1_100;
const LABEL_WIDTH = 80;
const ROW_HEIGHT = 14;
/** More rows than this say nothing to the eye. */
const MAX_ROWS = 40;
const COLOURS: Record<ProofSpan['kind'], string> = { batch: '#4c78a8', aggregate: '#f58518', final: '#54a24b' };

/** All outcomes on one page that needs nothing else: what was reached, ratios, and a chart of the slots of each run. */
export function reportPage(outcomes: readonly BenchOutcome[]): string {
  const machine = outcomes[0]?.measurement.machine ?? '';
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>zkpow benchmarks</title>
<style>
body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #222 }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .8em; border-bottom: 1px solid #ddd; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums } svg text { font: 10px sans-serif; fill: #555 } .no { color: #b00 }
</style>
<h1>zkpow benchmarks</h1>
<p>${escape(new Date().toISOString())} · ${escape(machine)}</p>
${goalTable(outcomes)}
${outcomes.map(section).join('\n')}
</html>
`;
}

function goalTable(outcomes: readonly BenchOutcome[]): string {
  const rows = outcomes.flatMap(({ goals }) => goals);
  return table(
    ['measure', 'to reach', 'reached', ''],
    rows.map(({ what, reach, reached, met }) => [what, reach, reached, met === null ? '' : met ? '✓' : '✗']),
  );
}

function section({ measurement, ways, notes, failures }: BenchOutcome): string {
  const { name, tasks, slots, boundMs, wallMs } = measurement;
  const rows = ways.map((way) => [
    way.name,
    ms(way.wallMs),
    `${(way.wallMs / wallMs).toFixed(2)} ×`,
    way.utilisation.toFixed(4),
    ms(way.gapMsP50),
    ms(way.gapMsP99),
    ms(way.dispatchMsP50),
    ms(way.dispatchMsP99),
    ms(way.firstStartMs),
  ]);
  const gaps = ['gap p50', 'gap p99', 'with work in the queue p50', 'with work in the queue p99'];
  const head = ['', 'wall', 'against ours', 'utilisation', ...gaps, 'first start'];
  return `<h2>${escape(name)}</h2>
<p>${tasks} proofs on ${slots} slots, at least ${ms(boundMs)}. ${notes.map(escape).join('; ')}</p>
${failures.map((failure) => `<p class="no">Not as good as a job queue: ${escape(failure)}</p>`).join('')}
${rows.length === 0 ? '' : table(head, rows)}
${ways.map((way) => ganttChart(way, Math.max(...ways.map((other) => other.wallMs)))).join('\n')}`;
}

/** A row for each slot, a bar for each proof. All charts of a benchmark have the same scale. */
function ganttChart({ name, slots, result }: WayFigures, longestMs: number): string {
  const shown = slots.slice(0, MAX_ROWS);
  const scale = (WIDTH - LABEL_WIDTH) / longestMs;
  const bars = shown.flatMap(({ name: slot, spans }, row) => [
    `<text x="0" y="${(row + 1) * ROW_HEIGHT - 4}">${escape(slot)}</text>`,
    ...spans.map(({ kind, firstBatch, lastBatch, beganAtMs, endedAtMs }) => {
      const x = LABEL_WIDTH + (beganAtMs - result.startedAtMs) * scale;
      const title = `${kind} ${firstBatch}-${lastBatch}: ${ms(endedAtMs - beganAtMs)}`;
      return (
        `<rect x="${x.toFixed(2)}" y="${row * ROW_HEIGHT + 1}" width="${((endedAtMs - beganAtMs) * scale).toFixed(2)}" ` +
        `height="${ROW_HEIGHT - 2}" fill="${COLOURS[kind]}"><title>${title}</title></rect>`
      );
    }),
  ]);
  const more = slots.length > shown.length ? ` (${shown.length} of ${slots.length} slots)` : '';
  return `<h3>${escape(name)}${more}: ${ms(result.wallMs)}</h3>
<svg width="${WIDTH}" height="${shown.length * ROW_HEIGHT}" role="img" aria-label="slots of ${escape(name)}">${bars.join('')}</svg>
<p>${Object.entries(COLOURS)
    .map(([kind, colour]) => `<span style="color:${colour}">■</span> ${kind}`)
    .join(' ')}</p>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row
      .map((cell, index) => `<${tag}${index > 0 && tag === 'td' ? ' class="n"' : ''}>${escape(cell)}</${tag}>`)
      .join('');
  return `<table><tr>${cells('th', head)}</tr>${rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')}</table>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
