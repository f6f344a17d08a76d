import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import '../support/temporal.js';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { recordedHistories } from '../support/histories.js';

const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));
const histories = recordedHistories();

describe('replay of recorded histories', () => {
  it.each(histories)('today’s code goes on with: $name', async ({ history }) => {
    await Worker.runReplayHistory({ workflowsPath }, history);
  });

  // Keeps the test above honest: a change that would break sequences in flight must be seen.
  // Within the repository, for it imports as our code does, and where git does not look.
  const cache = fileURLToPath(new URL('../../node_modules/.cache', import.meta.url));
  mkdirSync(cache, { recursive: true });
  const otherWorkflows = mkdtempSync(`${cache}/other-workflows-`);
  afterAll(() => rmSync(otherWorkflows, { recursive: true }));

  it('is refused when the code decides otherwise', async () => {
    const path = `${otherWorkflows}/workflows.js`;
    writeFileSync(
      path,
      `export async function sequenceWorkflow() { return 'rewarded'; }\nexport { sequenceWorkflow as rollupWorkflow };\n`,
    );
    const [first] = histories;
    if (!first) throw new Error('no histories are recorded: ZKPOW_RECORD_HISTORIES=1 npx vitest run test/workflows');
    await expect(Worker.runReplayHistory({ workflowsPath: path }, first.history)).rejects.toThrow(
      DeterminismViolationError,
    );
  });
});
