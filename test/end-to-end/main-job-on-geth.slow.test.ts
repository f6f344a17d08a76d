import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { DemoReport } from '../../scripts/demo/demo-report.js';
import { createProgressDisplay } from '../../scripts/demo/progress-display.js';
import { runDemo } from '../../scripts/demo/run-demo.js';
import { openHome } from '../../local-stack/home.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { stopHome } from '../../local-stack/stop-home.js';
import { readEnvironment } from '../../platform/settings/settings.js';
import { startGeth, type Rules } from '../support/geth.js';
import { madeWithGo } from '../support/made-with-go.js';
import { startWithoutOldStates } from '../support/without-old-states.js';

/** Far fewer than geth's 128, so that a read of an older state shows in a run of a minute: the fold of the second sequence takes
 * longer than that. */
const KEPT_STATES = 8;
/** Hard forks by whose rules the main job is tried. */
const RULES: Rules[] = ['osaka', 'amsterdam'];

// The main job with simulated proofs on a real Ethereum client, through a proxy that refuses to read old states.
describe.each(RULES)("the main job on geth, by %s's rules", (rules) => {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-geth-job-')));
  const closers: (() => Promise<unknown>)[] = [];

  const ran = madeWithGo(async () => {
    const chain = await startGeth({ rules, blockTimeSeconds: 1 });
    closers.push(() => chain.stop());
    const proxy = await startWithoutOldStates(chain.rpcUrl, KEPT_STATES);
    closers.push(() => proxy.close());
    const env = { ZKPOW_HOME: home.directory, ZKPOW_RPC_URL: proxy.url, ZKPOW_CHAIN_ID: '31337' };
    const report: DemoReport = await runDemo(
      {
        ...{ prover: 'simulated', batchesPerSequence: [1, 2], blockTimeSeconds: 1, t1Blocks: 3, t2Blocks: 30 },
        ...{ jsonFile: undefined, keep: false },
      },
      { ...readEnvironment(), ...env, ZKPOW_SIMULATED_SECONDS: '0.5,15,0.5' },
      createProgressDisplay(process.stdout),
    );
    return { report, refused: proxy.refused };
  });
  afterAll(async () => {
    await stopHome(home, () => undefined);
    for (const close of closers.reverse()) await close();
    for (const directory of [home.directory, sharedHome(home)]) rmSync(directory, { recursive: true, force: true });
  });

  it('rewards every sequence in its windows, and reports it', (context) => {
    const { report } = ran(context);
    expect(report.sequences.map(({ outcome }) => outcome)).toEqual(['rewarded', 'rewarded']);
    for (const { roundBlock, hashBlock, proofBlock, revealStart, revealEnd, ...sequence } of report.sequences) {
      expect(hashBlock).toBe(roundBlock);
      expect(proofBlock).toBeGreaterThanOrEqual(revealStart);
      expect(proofBlock).toBeLessThan(revealEnd);
      expect(sequence.stateRoot).toBe(sequence.replayedStateRoot);
    }
  });

  it('reads no state that a full node has pruned', (context) => {
    expect(ran(context).refused.map(({ method, params }) => [method, params.at(-1)])).toEqual([]);
  });
});
