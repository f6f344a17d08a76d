import type { MetricCounter, MetricGauge, MetricHistogram, MetricMeter } from '@temporalio/common';
import { METRICS, type MetricName } from './metrics-table.js';

type OfKind<Kind extends string> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

/** A value for each label that the table names, and no other. */
export type LabelsOf<Name extends MetricName> = Record<(typeof METRICS)[Name]['labels'][number], string>;

/** The metrics of `METRICS`. Without a metrics address nobody sees anything of it, and it costs nothing. */
export interface Metrics {
  /** @param amount a whole number, at least 0 */
  count<Name extends OfKind<'counter'>>(name: Name, amount: number, labels: LabelsOf<Name>): void;
  set<Name extends OfKind<'gauge'>>(name: Name, value: number, labels: LabelsOf<Name>): void;
  observe<Name extends OfKind<'histogram'>>(name: Name, value: number, labels: LabelsOf<Name>): void;
}

/** Upper bounds of the buckets of each histogram, in seconds: from a wait of milliseconds to a proof of an hour. */
export const SECONDS_BUCKETS = [0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

export function createMetrics(meter: MetricMeter): Metrics {
  const counters = new Map<MetricName, MetricCounter>();
  const gauges = new Map<MetricName, MetricGauge>();
  const histograms = new Map<MetricName, MetricHistogram>();
  const text = (name: MetricName): string => METRICS[name].description;
  return {
    count: (name, amount, labels) =>
      madeOnce(counters, name, () => meter.createCounter(name, undefined, text(name))).add(amount, labels),
    set: (name, value, labels) =>
      madeOnce(gauges, name, () => meter.createGauge(name, 'float', undefined, text(name))).set(value, labels),
    observe: (name, value, labels) =>
      madeOnce(histograms, name, () => meter.createHistogram(name, 'float', undefined, text(name))).record(
        value,
        labels,
      ),
  };
}

function madeOnce<T>(made: Map<MetricName, T>, name: MetricName, make: () => T): T {
  const metric = made.get(name) ?? make();
  made.set(name, metric);
  return metric;
}
