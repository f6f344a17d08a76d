import { writeFile } from 'node:fs/promises';
import { demoType } from '../../rollup-types/registry.js';
import { connectDatabase } from '../../platform/connect.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { startMiningStack, type MiningStack } from '../../local-stack/mining/mining-stack.js';
import { postSequence } from '../sequencer/post-sequence.js';
import { readRollupHistory } from '../sequencer/read-rollup-history.js';
import { collectSequenceReports } from './collect-report.js';
import type { DemoOptions } from './demo-options.js';
import type { DemoReport } from './demo-report.js';
import type { ProgressDisplay } from './progress-display.js';
import { watchSequences } from './watch-sequences.js';

/**
 * The main job from beginning to end. Everything it started is ended when it returns or fails, unless `keep` is set and
 * it came to a good end.
 */
export async function runDemo(
  options: DemoOptions,
  env: NodeJS.ProcessEnv,
  display: ProgressDisplay,
): Promise<DemoReport> {
  const mining = await startMiningStack({
    env: { ...env, ...(options.prover === undefined ? {} : { ZKPOW_PROVER: options.prover }) },
    report: (line) => display.line(line),
    onPhase: (name) => display.phase(name),
    // An earlier demo's unfinished work stays in its own namespace and database, and takes no prover's time here.
    miner: `demo-${new Date().toISOString().slice(0, 19).replace(/\D/g, '')}`,
    ...{ blockTimeSeconds: options.blockTimeSeconds, t1Blocks: options.t1Blocks, t2Blocks: options.t2Blocks },
    reuseRollup: false,
  });
  let kept = false;
  try {
    const report = await proveAndReport(mining, options, display);
    if (options.jsonFile !== undefined) await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    kept = options.keep;
    return report;
  } catch (error) {
    throw new Error(`${messageOf(error)}\nThe logs of all parts are in ${mining.stack.home.logs}`, { cause: error });
  } finally {
    await (kept ? mining.leave() : mining.stop());
  }
}

async function proveAndReport(
  mining: MiningStack,
  options: DemoOptions,
  display: ProgressDisplay,
): Promise<DemoReport> {
  const { stack, deployment, provider, endpoints, client, stopwatch, workers } = mining;
  stopwatch.begin('posting');
  const posted = await postDemoSequences(mining, options.batchesPerSequence, (line) => display.line(line));

  stopwatch.begin('proving and two steps');
  const watching = new AbortController();
  const onProgress: ProgressDisplay['sequences'] = (sequences, head) => display.sequences(sequences, head);
  const outcomes = await Promise.race([
    watchSequences(posted, { client, provider, onProgress, signal: watching.signal }),
    workers.failed,
  ]).finally(() => watching.abort());

  stopwatch.begin('report');
  const db = await connectDatabase(stack.databaseUrl, () => undefined);
  try {
    const ended = outcomes.flatMap((outcome, index) => {
      const sequence = posted[index];
      return sequence ? [{ posted: sequence, outcome }] : [];
    });
    const sequences = await collectSequenceReports(ended, { provider, endpoints, db, deployment });
    stopwatch.end();
    return {
      ...{ rpcUrl: stack.rpcUrl, chainId: stack.chainId, temporalAddress: stack.temporalAddress },
      ...{ temporalUi: stack.temporalUi ?? null, temporalNamespace: stack.temporalNamespace },
      ...{ databaseUrl: stack.databaseUrl, rollup: deployment.rollup, rule: deployment.rule },
      ...{ pool: deployment.pool, miner: deployment.miner, prover: deployment.prover },
      trustedSetup: deployment.trustedSetup,
      ...{ t1Blocks: deployment.t1Blocks, t2Blocks: deployment.t2Blocks, sequences },
      ...{ phases: stopwatch.phases, seconds: stopwatch.totalSeconds },
    };
  } finally {
    await db.end();
  }
}

/** Posts what the demo's type has for a demo, one transaction a sequence. */
async function postDemoSequences(
  { provider, deployment, accounts }: MiningStack,
  batchesPerSequence: readonly number[],
  report: (line: string) => void,
): Promise<PostedSequence[]> {
  const history = await readRollupHistory(provider, deployment.rollup);
  const file = demoType.sequencer.demoFile(batchesPerSequence);
  const { sequences } = await file.prepare({ ...history, batches: [] }, { from: 0, allowInvalid: false });
  const sequencer = accounts.sequencer.connect(provider);
  const posted: PostedSequence[] = [];
  for (const batches of sequences) posted.push(await postSequence(sequencer, deployment.rollup, batches, { report }));
  return posted;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
