import { rmSync } from 'node:fs';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readTemporalSettings } from '../../platform/settings/settings.js';
import { watchCertificate } from '../../platform/telemetry/certificate-watch.js';
import type { Metrics } from '../../platform/telemetry/metrics.js';
import { makeCertificates, type Certificates } from '../topology/certificates.js';

const DAY_SECONDS = 24 * 3_600;

let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => rmSync(certificates.directory, { recursive: true }));

/** What is logged and measured for a process with these settings. */
function watch(env: Record<string, string>): { lines: string[]; daysLeft: number | null } {
  const lines: string[] = [];
  let daysLeft: number | null = null;
  const metrics: Metrics = {
    set: (_name, value) => void (daysLeft = (value - Date.now() / 1000) / DAY_SECONDS),
    count: () => undefined,
    observe: () => undefined,
  };
  const log = pino({}, { write: (line) => void lines.push(line) });
  watchCertificate(readTemporalSettings(env), { metrics, log });
  return { lines, daysLeft };
}

describe('the certificate of a worker', () => {
  test('with weeks to go is only measured', () => {
    const { lines, daysLeft } = watch(certificates.clientSettings('long', 30));
    expect(lines).toEqual([]);
    expect(daysLeft).toBeCloseTo(30, 0);
  });

  test('that ends within a week is told with the settings to change', () => {
    const { lines, daysLeft } = watch(certificates.clientSettings('short', 3));
    expect(lines.join()).toMatch(/client certificate runs out on .*CLIENT_CERT_PATH.*start this worker again/);
    expect(daysLeft).toBeCloseTo(3, 0);
  });

  test('is nothing to watch where there is none', () => {
    expect(watch({ TEMPORAL_ADDRESS: '127.0.0.1:7233' })).toEqual({ lines: [], daysLeft: null });
  });
});
