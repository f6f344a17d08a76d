import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { exportedName, METRICS, type MetricName } from '../../platform/telemetry/metrics-table.js';
import { readProjectFile } from './project-files.js';

const rules = z
  .object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({
            alert: z.string(),
            expr: z.string(),
            annotations: z.object({ summary: z.string(), action: z.string() }),
          }),
        ),
      }),
    ),
  })
  .parse(parse(readProjectFile('deploy/prometheus/alerts.yml')))
  .groups.flatMap((group) => group.rules);
const panels = z
  .object({
    panels: z.array(z.object({ title: z.string(), targets: z.array(z.object({ expr: z.string() })).default([]) })),
  })
  .parse(JSON.parse(readProjectFile('deploy/grafana/dashboards/zkpow.json'))).panels;

const names = Object.keys(METRICS).filter((name): name is MetricName => name in METRICS);
/** All series that the product exports, with the labels that each has. */
const series = new Map<string, readonly string[]>(
  names.flatMap((name): [string, readonly string[]][] => {
    const { kind, labels } = METRICS[name];
    if (kind !== 'histogram') return [[exportedName(name), labels]];
    return ['_bucket', '_sum', '_count'].map((suffix) => [`${name}${suffix}`, [...labels, 'le']]);
  }),
);
/** What Prometheus itself adds. */
const ADDED_LABELS = ['instance', 'job'];

function seriesIn(expression: string): string[] {
  return [...expression.matchAll(/\bzkpow_\w+/g)].map(([name]) => name);
}

/** Labels that an expression matches or groups by. */
function labelsIn(expression: string): string[] {
  const matched = [...expression.matchAll(/(\w+)\s*=~?\s*"/g)].map(([, label = '']) => label);
  const grouped = [...expression.matchAll(/\b(?:by|on)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/));
  return [...matched, ...grouped];
}

describe.each([
  ...rules.map(({ alert, expr }) => [`alert ${alert}`, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [`panel ${title}`, expr] as const)),
])('%s', (_name, expression) => {
  test('asks for metrics and labels that the product exports', () => {
    const used = seriesIn(expression);
    expect(used.length > 0 || /\bup\b/.test(expression)).toBe(true);
    expect([...series.keys()]).toEqual(expect.arrayContaining(used));
    const known = [...used.flatMap((name) => series.get(name) ?? []), ...ADDED_LABELS];
    expect(known).toEqual(expect.arrayContaining(labelsIn(expression)));
  });
});

test('there is an alert for each thing that a miner must hear of at once, and what to do about it', () => {
  const needed = ['WindowClosingWithoutCommit', 'GasLow', 'QueueWithoutPoller', 'LeaderLost', 'ProverSetAside'];
  expect(rules.map(({ alert }) => alert)).toEqual(expect.arrayContaining(needed));
  for (const { alert, annotations } of rules) expect(annotations.action.length, alert).toBeGreaterThan(40);
});

test('docs/operations.md explains every alert', () => {
  const page = readProjectFile('docs/operations.md');
  for (const { alert } of rules) expect(page).toContain(`\`${alert}\``);
});

test('the dashboard shows what a miner looks for', () => {
  const shown = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => seriesIn(expr)));
  for (const name of names) {
    if (['zkpow_prover_slots', 'zkpow_queue_backlog_age_seconds'].includes(name)) continue;
    const kinds = METRICS[name].kind === 'histogram' ? `${name}_bucket` : exportedName(name);
    expect(shown, name).toContain(kinds);
  }
});

test('commands that alerts name are there', () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readProjectFile('package.json')));
  for (const { annotations } of rules) {
    for (const [, script = ''] of annotations.action.matchAll(/npm run ([\w:-]+)/g))
      expect(scripts).toHaveProperty(script);
  }
});
