import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Arena } from '../../lab/scenarios/arena.js';
import { runScenario } from '../../lab/scenarios/run-scenario.js';
import { SCENARIOS } from '../../lab/scenarios/scenarios.js';
import { openArena } from '../../lab/scenarios/servers.js';
import { readEnvironment } from '../../platform/settings/settings.js';

const report = (line: string): void => console.log(line);
let arena: Arena;
let failed = false;
beforeAll(async () => {
  const servers = { temporalAddress: inject('temporalAddress'), postgresUrl: inject('postgresUrl') };
  arena = await openArena(readEnvironment(), report, servers);
});
afterAll(() => arena.close(failed));

// Most of a scenario's time is waiting for blocks, so several run side by side.
describe.concurrent.each(SCENARIOS)('$name: $happens', (scenario) => {
  const seeds = Array.from({ length: scenario.seeds.small }, (_, index) => index + 1);
  test.each(seeds)(`${scenario.holds} (seed %i)`, async (seed) => {
    const run = await runScenario(arena, scenario, { seed, size: 'small', report });
    failed ||= run.failure !== null;
    report(`${run.name}, seed ${seed}: ${run.seconds.toFixed(0)} s, ${JSON.stringify(run.figures)}`);
    expect(run.failure, `to see it again: ${run.command}`).toBeNull();
  });
});
