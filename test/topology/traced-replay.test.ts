import { rmSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findWorkflowBundle } from '../../platform/workflow-bundle.js';
import { recordedHistories } from '../support/histories.js';
import '../support/temporal.js';

// Traces may be switched on and off while sequences are under way: what makes spans must change no decision.
const cache = mkdtempSync(join(tmpdir(), 'zkpow-traced-'));
const histories = recordedHistories();
/** Where spans go is not the question here. */
const sinks = { exporter: { export: { fn: () => undefined } } };
let traced: string;

beforeAll(async () => {
  traced = await findWorkflowBundle({ cache, make: true, traced: true, log: () => undefined });
});
afterAll(() => rmSync(cache, { recursive: true }));

test('workflows with spans have a bundle of their own', async () => {
  expect(await findWorkflowBundle({ cache, make: true, log: () => undefined })).not.toBe(traced);
  expect(histories.length).toBeGreaterThan(0);
});

test.each(histories)('a history made without spans goes on with them: $name', async ({ history }) => {
  await Worker.runReplayHistory({ workflowBundle: { codePath: traced }, sinks }, history);
});
