import { Contract } from 'ethers';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { watchSequences } from '../../scripts/demo/watch-sequences.js';
import { startMiningStack, type MiningStack } from '../../local-stack/mining/mining-stack.js';
import { demoSequences } from '../../rollup-types/transfers/sequencer/demo-transfers.js';
import { postSequence } from '../../scripts/sequencer/post-sequence.js';
import { prepareSequences } from '../../rollup-types/transfers/sequencer/prepare-sequences.js';
import { readRollupHistory } from '../../scripts/sequencer/read-rollup-history.js';
import { openHome } from '../../local-stack/home.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { readEnvironment } from '../../platform/settings/settings.js';
import type { PostedSequence } from '../../domain/sequence.js';

// Each worker process is ended once while it has work in hand; whoever supervises it starts it again.
describe.each(['SIGKILL', 'SIGTERM'] as const)('%s of each worker in mid-run', (signal) => {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-killed-')));
  let mining: MiningStack;
  let database: pg.Pool;
  const cleanUp: (() => unknown)[] = [];

  beforeAll(async () => {
    mining = await startMiningStack({
      env: {
        ...readEnvironment(),
        ZKPOW_HOME: home.directory,
        ZKPOW_PROVER: 'simulated',
        ZKPOW_SIMULATED_SECONDS: '1,1,1',
      },
      report: () => undefined,
      onPhase: () => undefined,
      ...{ blockTimeSeconds: 1, t1Blocks: 4, t2Blocks: 40, reuseRollup: false },
    });
    cleanUp.unshift(() => mining.stop());
    database = new pg.Pool({ connectionString: mining.stack.databaseUrl });
    cleanUp.unshift(() => database.end());
  });
  afterAll(async () => {
    // Whatever was started, also where not all of it came up.
    for (const step of cleanUp) await step();
    for (const directory of [home.directory, sharedHome(home)]) rmSync(directory, { recursive: true, force: true });
  });

  async function post(batches: number[]): Promise<PostedSequence[]> {
    const { rollup, genesis, timestamp } = await readRollupHistory(mining.provider, mining.deployment.rollup);
    const accounts = openTransfersReplay(rollup, genesis).accounts();
    const options = { fileName: 'the test', timestamp, allowInvalid: false };
    const { sequences } = prepareSequences(demoSequences(batches), { rollup, accounts }, options);
    const sequencer = mining.accounts.sequencer.connect(mining.provider);
    const posted: PostedSequence[] = [];
    for (const sequence of sequences) posted.push(await postSequence(sequencer, rollup.rollup, sequence));
    return posted;
  }

  it('loses nothing: every sequence verified, one hash and one proof each, no finished proof made twice', async () => {
    // What each worker has in hand when it is killed.
    const killAt: [worker: string, when: (stage: string, batchesDone: number) => boolean][] = [
      ['prover', (stage, batchesDone) => stage === 'proving' && batchesDone >= 1],
      ['aggregator', (stage) => stage === 'hash window'],
      ['sender', (stage) => stage === 'submitting' || stage === 'proof window' || stage === 'hash window'],
    ];
    const killed = new Map<string, number>();
    const posted = await post([1, 3]);
    const outcomes = await watchSequences(posted, {
      client: mining.client,
      provider: mining.provider,
      signal: new AbortController().signal,
      onProgress: (sequences) => {
        for (const [worker, when] of killAt) {
          const pid = mining.workers.processes.get(worker)?.pid;
          const due = sequences.some(({ progress }) => progress && when(progress.stage, progress.proofs.batch.done));
          if (!pid || killed.has(worker) || !due) continue;
          killed.set(worker, pid);
          process.kill(pid, signal);
        }
      },
    });

    expect(outcomes).toEqual(['rewarded', 'rewarded']);
    expect([...killed.keys()].sort()).toEqual(['aggregator', 'prover', 'sender']);
    for (const [worker, pid] of killed) expect(mining.workers.processes.get(worker)?.pid).not.toBe(pid);

    const rollup = new Contract(mining.deployment.rollup, ROLLUP_ABI, mining.provider);
    const events = (name: string) => rollup.queryFilter(rollup.getEvent(name)(), 0);
    expect(await events('SubmitProofHash')).toHaveLength(2);
    expect(await events('ProofAccepted')).toHaveLength(2);
    expect(await events('PenaltyBooked')).toHaveLength(0);
    expect(await rollup.getFunction('lastVerifiedBatch')()).toBe(4n);

    // 4 batches, 2 folds and 2 final proofs: a proof made again would have given its task a second artifact.
    const { rows } = await database.query<{ tasks: string; proofs: string }>(
      `SELECT (SELECT count(*) FROM proof_tasks WHERE accepted_at IS NOT NULL) AS tasks,
              (SELECT count(*) FROM submitted_proofs) AS proofs`,
    );
    expect(rows).toEqual([{ tasks: '8', proofs: '8' }]);
  }, 300_000);
});
