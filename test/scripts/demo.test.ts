import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readDeployment } from '../../local-stack/mining/deployment-file.js';
import { localAccounts } from '../../local-stack/mining/local-accounts.js';
import { openHome } from '../../local-stack/home.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import { livingProcesses, stopAll } from '../../local-stack/processes.js';
import { runScript, type ScriptResult } from './run-script.js';

const DEMO_LIMIT_MS = 300_000;
/** A reveal window takes 30 blocks of a second. */
const POLLED = { timeout: 90_000, interval: 2_000 };

const hash = z.string().regex(/^0x[0-9a-f]{64}$/);
const address = z.string().regex(/^0x[0-9a-fA-F]{40}$/);
const block = z.number().int().positive();
const reportSchema = z.object({
  ...{ rpcUrl: z.url(), chainId: z.literal(31337), temporalAddress: z.string(), temporalUi: z.url() },
  ...{ databaseUrl: z.url(), rollup: address, rule: address, pool: address, miner: address },
  prover: z.literal('simulated'),
  trustedSetup: z.literal('none'),
  sequences: z.array(
    z.object({
      ...{ firstBatch: block, lastBatch: block, workflowId: z.string(), stateRoot: hash, replayedStateRoot: hash },
      ...{ roundBlock: block, hashTx: hash, hashBlock: block, proofTx: hash, proofBlock: block },
      ...{ revealStart: block, revealEnd: block, gasUsed: z.string().regex(/^\d+$/) },
      proofs: z.array(z.object({ kind: z.string(), from: block, to: block, seconds: z.number().positive() })),
      ...{ outcome: z.string(), rewardWei: z.string().regex(/^[1-9]\d*$/) },
    }),
  ),
});

/** One demo, left running, and the commands against it: as a person works through the README. */
describe('npm run demo, and the commands against what it leaves running', () => {
  const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-demo-')));
  const jsonFile = join(home.directory, 'demo.json');
  const { miner, sequencer } = localAccounts();
  const env = { ZKPOW_HOME: home.directory };
  const run = (script: string, args: string[] = [], more: Record<string, string> = {}): Promise<ScriptResult> =>
    runScript(`scripts/${script}.ts`, args, { ...env, ...more });
  let demo: ScriptResult;

  beforeAll(async () => {
    demo = await run('demo', `--prover simulated --sequences 1,2 --t1 3 --keep --json ${jsonFile}`.split(' '), {
      ZKPOW_SIMULATED_SECONDS: '0.5,0.5,0.5',
    });
  }, DEMO_LIMIT_MS);
  afterAll(async () => {
    await stopAll(home.run);
    for (const path of [home.directory, sharedHome(home)]) rmSync(path, { recursive: true, force: true });
  });

  it('verifies every sequence and tells it in plain lines where there is no terminal', () => {
    // With an empty cache another test may be compiling the contracts just then.
    const complaints = demo.stderr.replace(/^Waiting for another process that makes .*\n/gm, '');
    expect({ code: demo.code, complaints }).toEqual({ code: 0, complaints: '' });
    expect(demo.stdout).toMatch(/batch 1: 2\/2 proofs, done: our proof was accepted/);
    expect(demo.stdout).toMatch(/batches 2-3: 4\/4 proofs, done: our proof was accepted/);
    expect(demo.stdout).toMatch(/Every state root on the chain equals the one from a replay/);
    expect(demo.stdout).toMatch(/Batch 1: our proof was accepted, reward 0\.11\n/);
    expect(demo.stdout).toMatch(/Where the time went/);
    expect(demo.stdout).toMatch(/no trusted set-up: simulated proofs prove nothing/);
    expect(demo.stdout).toMatch(/Web UI +http.*\nRPC +http.*\nDatabase +postgres/);
    // Neither drawn over nor coloured.
    expect(demo.stdout).not.toContain('\u001b');
  });

  it('writes a report whose every number fits the rules of the two steps', () => {
    const { sequences } = reportSchema.parse(JSON.parse(readFileSync(jsonFile, 'utf8')));
    expect(sequences.map(({ outcome }) => outcome)).toEqual(['rewarded', 'rewarded']);
    expect(sequences.map(({ firstBatch, lastBatch }) => [firstBatch, lastBatch])).toEqual([
      [1, 1],
      [2, 3],
    ]);
    expect(sequences.map(({ proofs }) => proofs.map(({ kind }) => kind).sort())).toEqual([
      ['batch', 'final'],
      ['aggregate', 'batch', 'batch', 'final'],
    ]);
    for (const { roundBlock, hashBlock, revealStart, revealEnd, proofBlock, ...sequence } of sequences) {
      expect(hashBlock).toBe(roundBlock);
      expect(revealStart).toBeGreaterThanOrEqual(roundBlock + 3);
      expect(proofBlock).toBeGreaterThanOrEqual(revealStart);
      expect(proofBlock).toBeLessThan(revealEnd);
      expect(sequence.stateRoot).toBe(sequence.replayedStateRoot);
    }
  });

  it('posts more by the sequencer; the sequence is taken up once, and a second start says that it runs', async () => {
    const posted = await run('sequencer', ['examples/transfers.json']);
    expect(posted.stdout).toMatch(/batches 4 to 4 .*\n(Sending .*\n)?.*batches 5 to 6/);
    const first = await run('start-sequence', ['5']);
    // The follower is quick: whichever of the two came first, there is one workflow.
    if (first.code !== 0) expect(first.stderr).toMatch(/batches 5-6 (runs|has ended) already/);
    const second = await run('start-sequence', ['6']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/The sequence of batches 5-6 (runs already|has ended already).*npm run status/);

    const status = await run('status', ['--json']);
    const { sequences } = z
      .object({ sequences: z.array(z.object({ workflowId: z.string() })) })
      .parse(JSON.parse(status.stdout));
    expect(sequences.filter(({ workflowId }) => workflowId.includes('/5-6/'))).toHaveLength(1);
  }, 120_000);

  it('says which batches there are when asked to start one that is not posted', async () => {
    const result = await run('start-sequence', ['99']);
    expect(result).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Batch 99 .* is not posted: the last one is 6/),
    });
  });

  it('explains a sequence by its batch or its workflow: row, facts, transactions', async () => {
    const explained = await run('explain', ['2']);
    expect(explained).toMatchObject({ code: 0, stderr: '' });
    const [workflowId = ''] = explained.stdout.split(',');
    expect(explained.stdout).toMatch(/row 4 fits: our proof was accepted\.\nTo do: finish \(our proof was accepted\)/);
    expect(explained.stdout).toMatch(/accepted +own/);
    expect(explained.stdout).toMatch(/commit 1.*nonce \d+: block \d+, succeeded.*\n +0x\w{64} {2}nonce \d+, step/);
    expect(explained.stdout).toMatch(/reveal 2.*: block \d+, succeeded/);

    const byId = await run('explain', [workflowId, '--json']);
    expect(byId).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(byId.stdout)).toMatchObject({ workflowId, decision: { row: 4 }, view: { accepted: 'own' } });
    const unknown = await run('explain', ['99']);
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/Batch 99 .* is not posted/) });
  }, 60_000);

  it('pauses the rollup for this miner and in the contract, and lets nothing go on that has ended', async () => {
    expect((await run('rollup', ['pause'])).stdout).toMatch(/is paused for this miner/);
    expect((await run('status')).stdout).toMatch(/\(transfers\): paused/);
    expect((await run('rollup', ['resume'])).stdout).toMatch(/is resumed for this miner/);
    expect((await run('rollup', ['pause', '--contract'])).stdout).toMatch(/opens no rounds any more.*: block \d+/);
    expect((await run('rollup', ['resume', '--contract'])).stdout).toMatch(
      /takes sequences and opens rounds: block \d+/,
    );
    const goOn = await run('sequence', ['go-on', '2']);
    expect(goOn).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/\/2-3\/\w+ has ended already \(COMPLETED\)/),
    });
    expect(await run('task', ['list'])).toMatchObject({ code: 0, stderr: '' });
  }, 120_000);

  it('settles and claims rewards, takes stake back, and says why not where it cannot', async () => {
    // Of the first sequence, once its reveal window is over.
    await expect.poll(async () => (await run('miner', ['status'])).stdout, POLLED).toMatch(/To settle +[1-9]\d*: /);
    const claimed = await run('miner', ['claim']);
    expect(claimed.stdout).toMatch(
      /Settled \d+ commitments?: freed 0, booked rewards of 0[\d.]+. Claimed 0[\d.]+ in block \d+[\s\S]*Rewards owed +0\n/,
    );
    const taken = await run('miner', ['withdraw', '1.5']);
    expect(taken.stdout).toMatch(/Withdrew 1.5, which leaves a stake of 1498.5, in block \d+[\s\S]*Stake +1498.5: /);
    const tooMuch = await run('miner', ['withdraw', '2000']);
    expect(tooMuch).toMatchObject({ code: 1, stderr: expect.stringMatching(/free stake .* less than 2000/) });
    const nothing = await run('miner', ['settle'], {
      ZKPOW_MINER: sequencer.address,
      ZKPOW_PRIVATE_KEY: sequencer.privateKey,
    });
    expect(nothing).toMatchObject({ code: 1, stderr: expect.stringMatching(/no commitment whose round is over/) });
    expect((await run('miner', ['cap', '50'])).stdout).toMatch(/This rollup may hold 50 of the stake at most/);
    expect((await run('miner', ['cap', 'none'])).stdout).toMatch(/may hold any part of the stake[\s\S]*no cap/);
    expect((await run('miner', ['trust-rule'])).stdout).toMatch(/Type rule 0x\w{40} is not distrusted: nothing to do/);
    const notOpen = await run('miner', ['take-back', '1']);
    expect(notOpen).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/takeBackProofHash is refused: NoOpen/),
    });
  }, 120_000);

  it('takes a deposit, and names the command that makes a missing one', async () => {
    const deposited = await run('miner', ['deposit', '1.5']);
    expect(deposited.stdout).toMatch(/Deposited 1.5 in block \d+[\s\S]*Stake +1500: /);

    const poor = { ZKPOW_MINER: sequencer.address };
    const status = await run('miner', ['status'], poor);
    expect(status.stdout).toMatch(
      /! The free stake is 0, a commitment reserves 10: npm run miner -- deposit 10 --rollup 0x\w{40}/,
    );
    const notTheirs = await run('miner', ['deposit', '51'], { ...poor, ZKPOW_PRIVATE_KEY: miner.privateKey });
    expect(notTheirs).toMatchObject({ code: 1, stderr: expect.stringContaining('set one to fit the other') });
    expect(notTheirs.stderr).not.toContain(miner.privateKey.slice(2));
  }, 60_000);

  it('sends nothing from a wallet that cannot pay', async () => {
    const result = await run('miner', ['deposit', '123456']);
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(
      /The wallet 0x\w+ holds [\d.]+ on chain 31337; this needs 123456 .*send it some coins/,
    );
  });

  it('refuses an address without a rollup, and a chain of another id', async () => {
    const noContract = await run('start-rollup', [miner.address]);
    expect(noContract).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/There is no contract at 0x.* on chain 31337/),
    });
    const followed = await run('start-rollup', [readDeployment(home)?.rollup ?? '']);
    expect(followed).toMatchObject({ code: 1, stderr: expect.stringMatching(/is followed already/) });
    const otherChain = await run('status', [], { ZKPOW_CHAIN_ID: '1337' });
    expect(otherChain).toMatchObject({ code: 1, stderr: expect.stringMatching(/has chain id 31337, expected 1337/) });
  }, 60_000);

  it('gives a prover machine a login that is good for proving only', async () => {
    const added = await run('miner', ['add-prover', 'rig-1']);
    const [, url = ''] = /DATABASE_URL='([^']+)'/.exec(added.stdout) ?? [];
    expect(new URL(url).username).toContain('rig-1');
    // The aggregator's own database is closed to it.
    const aggregator = await runScript('workers/main.ts', ['aggregator'], {
      ...env,
      ...addresses(),
      DATABASE_URL: url,
    });
    expect(aggregator).toMatchObject({ code: 1, stderr: expect.stringContaining('permission denied') });
    // And the miner's own login is no prover's.
    const prover = await runScript('workers/main.ts', ['prover', '--backend', 'simulated'], { ...env, ...addresses() });
    expect(prover).toMatchObject({ code: 1, stderr: expect.stringMatching(/not that of a prover.*add-prover NAME/) });
  }, 60_000);

  it('npm run stop ends all of it', async () => {
    expect(livingProcesses(home.run).length).toBeGreaterThanOrEqual(6);
    const stopped = await run('stop');
    expect(stopped.stdout).toMatch(/Ended .*aggregator/);
    expect(livingProcesses(home.run)).toEqual([]);
    const status = await run('status');
    expect(status).toMatchObject({ code: 1, stderr: expect.stringMatching(/npm run stack/) });
  }, 60_000);

  it(
    'Ctrl-C in mid-run ends every process it started',
    async () => {
      let interrupted = false;
      const result = await runScript(
        'scripts/demo.ts',
        ['--prover', 'simulated', '--sequences', '1'],
        { ...env, ZKPOW_SIMULATED_SECONDS: '60,60,60' },
        (output, end) => {
          if (interrupted || !output.includes('batch 1: 0/2 proofs, proving')) return;
          interrupted = true;
          end('SIGINT');
        },
      );
      expect(interrupted).toBe(true);
      expect(result.code).toBe(130);
      expect(livingProcesses(home.run)).toEqual([]);
      expect(existsSync(join(home.run, 'owner'))).toBe(false);
    },
    DEMO_LIMIT_MS,
  );

  /** Where the parts are, as a worker on another machine would be told. */
  function addresses(): Record<string, string> {
    const { rpcUrl, temporalAddress, databaseUrl, miner } = reportSchema.parse(
      JSON.parse(readFileSync(jsonFile, 'utf8')),
    );
    return {
      ...{ ZKPOW_RPC_URL: rpcUrl, TEMPORAL_ADDRESS: temporalAddress, DATABASE_URL: databaseUrl, ZKPOW_MINER: miner },
      ZKPOW_PROVER: 'simulated',
    };
  }
});
