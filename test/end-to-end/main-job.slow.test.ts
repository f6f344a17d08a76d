import { Contract, JsonRpcProvider } from 'ethers';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ROLLUP_ABI, RULE_ABI } from '../../contracts/abi.js';
import type { DemoReport } from '../../scripts/demo/demo-report.js';
import { createProgressDisplay } from '../../scripts/demo/progress-display.js';
import { runDemo } from '../../scripts/demo/run-demo.js';
import { openHome } from '../../local-stack/home.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { stopHome } from '../../local-stack/stop-home.js';
import { readEnvironment } from '../../platform/settings/settings.js';

// The main job as a newcomer sees it: servers, contracts, circuits, workers; one sequence of one batch and one of three.
describe('a posted sequence is proved, submitted in two steps and verified, with real proofs', () => {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-main-job-')));
  let report: DemoReport;

  beforeAll(async () => {
    const windows = { blockTimeSeconds: 1, t1Blocks: 5, t2Blocks: 60 };
    report = await runDemo(
      { prover: 'noir', batchesPerSequence: [1, 3], ...windows, jsonFile: undefined, keep: true },
      { ...readEnvironment(), ZKPOW_HOME: home.directory },
      createProgressDisplay(process.stdout),
    );
  }, 840_000);
  afterAll(async () => {
    await stopHome(home, () => undefined);
    for (const directory of [home.directory, sharedHome(home)]) rmSync(directory, { recursive: true, force: true });
  });

  it('rewards both sequences; batch and final for one batch, three batches with two folds and a final', () => {
    expect(report.sequences.map(({ outcome }) => outcome)).toEqual(['rewarded', 'rewarded']);
    const kinds = report.sequences.map(({ proofs }) => proofs.map(({ kind }) => kind).sort());
    expect(kinds).toEqual([
      ['batch', 'final'],
      ['aggregate', 'aggregate', 'batch', 'batch', 'batch', 'final'],
    ]);
  });

  it('leaves on the chain the state root that a replay of the posted data gives', async () => {
    const rollup = new Contract(report.rollup, ROLLUP_ABI, openProvider(report));
    expect(await rollup.getFunction('lastVerifiedBatch')()).toBe(4n);
    for (const { lastBatch, stateRoot, replayedStateRoot } of report.sequences) {
      expect(await rollup.getFunction('batchNumToStateRoot')(lastBatch)).toBe(stateRoot);
      expect(stateRoot).toBe(replayedStateRoot);
    }
  });

  it('goes through a rule that verifies real proofs, each reveal in its window after the hash', async () => {
    const rule = new Contract(report.rule, RULE_ABI, openProvider(report));
    expect(await rule.getFunction('proofSystem')()).toBe('noir');
    for (const { roundBlock, hashBlock, proofBlock, revealStart, revealEnd } of report.sequences) {
      expect(hashBlock).toBe(roundBlock);
      expect(proofBlock).toBeGreaterThanOrEqual(revealStart);
      expect(proofBlock).toBeLessThan(revealEnd);
    }
  });
});

function openProvider({ rpcUrl }: DemoReport): JsonRpcProvider {
  const provider = new JsonRpcProvider(rpcUrl);
  onTestFinished(() => provider.destroy());
  return provider;
}
