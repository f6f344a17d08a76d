import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { Contract, toQuantity } from 'ethers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { watchSequences } from '../../scripts/demo/watch-sequences.js';
import { startMiningStack, type MiningStack } from '../../local-stack/mining/mining-stack.js';
import { demoSequences } from '../../rollup-types/transfers/sequencer/demo-transfers.js';
import { postSequence } from '../../scripts/sequencer/post-sequence.js';
import { prepareSequences } from '../../rollup-types/transfers/sequencer/prepare-sequences.js';
import { readRollupHistory } from '../../scripts/sequencer/read-rollup-history.js';
import { openHome } from '../../local-stack/home.js';
import { choosePort } from '../../local-stack/ports.js';
import { sharedHome } from '../../local-stack/postgres-user.js';
import {
  exportedName,
  METRICS,
  type MetricInfo,
  type MetricName,
  type MetricsRole,
} from '../../platform/telemetry/metrics-table.js';
import { readEnvironment } from '../../platform/settings/settings.js';
import { rollupWorkflowId, sequenceWorkflowId } from '../../domain/names.js';
import type { PostedSequence } from '../../domain/sequence.js';
import { runScript } from '../scripts/run-script.js';
import { openTestDatabase, type TestDatabase } from '../support/database.js';
import { textOfHistory } from '../support/histories.js';
import { openTestNamespace, type TestNamespace } from '../support/temporal.js';
import { makeCertificates, type Certificates } from './certificates.js';
import { startPostgresTlsProxy, startTlsProxy, type TlsProxy } from './tls-proxy.js';
import { startTraceReceiver } from './trace-receiver.js';

// Aggregator, prover and sender as processes of their own, each with its role, on the far side of TLS: Temporal asks for
// client certificates. The same miner shows its metrics, logs and traces.
const home = openHome(mkdtempSync(join(tmpdir(), 'zkpow-topology-')));
const WORKERS: MetricsRole[] = ['aggregator', 'prover', 'sender'];
const T2_BLOCKS = 40;
const cleanUp: (() => unknown)[] = [];
let mining: MiningStack;
let certificates: Certificates;
let temporal: TlsProxy;
let database: TestDatabase;
let namespace: TestNamespace;
let receiver: Awaited<ReturnType<typeof startTraceReceiver>>;
let metricsPort: number;
let sequence: PostedSequence;

beforeAll(async () => {
  certificates = makeCertificates();
  const { server, authorityFile } = certificates;
  namespace = await openTestNamespace();
  cleanUp.unshift(() => namespace.close());
  temporal = await startTlsProxy({ targetPort: Number(inject('temporalAddress').split(':')[1]), ...server });
  cleanUp.unshift(() => temporal.close());
  database = await openTestDatabase();
  cleanUp.unshift(() => database.close());
  const postgres = await startPostgresTlsProxy({ targetPort: Number(new URL(database.url).port), ...server });
  cleanUp.unshift(() => postgres.close());
  receiver = await startTraceReceiver();
  cleanUp.unshift(() => receiver.close());

  const databaseUrl = new URL(database.url);
  databaseUrl.port = String(postgres.port);
  databaseUrl.search = `?sslmode=verify-full&sslrootcert=${authorityFile}`;
  metricsPort = await choosePort(undefined);
  mining = await startMiningStack({
    env: {
      ...readEnvironment(),
      ...certificates.clientSettings('miner'),
      TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
      TEMPORAL_NAMESPACE: namespace.namespace,
      DATABASE_URL: databaseUrl.href,
      ZKPOW_HOME: home.directory,
      ZKPOW_PROVER: 'simulated',
      ZKPOW_SIMULATED_SECONDS: '0.2,0.2,0.2',
      ZKPOW_METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
      OTEL_BSP_SCHEDULE_DELAY: '300',
    },
    report: () => undefined,
    onPhase: () => undefined,
    ...{ blockTimeSeconds: 1, t1Blocks: 4, t2Blocks: T2_BLOCKS, reuseRollup: false },
  });
  cleanUp.unshift(() => mining.stop());
}, 300_000);
afterAll(async () => {
  for (const step of cleanUp) await step();
  for (const directory of [home.directory, sharedHome(home), certificates.directory]) {
    rmSync(directory, { recursive: true, force: true });
  }
});

async function proveSequence(batches: number): Promise<PostedSequence[]> {
  const { rollup, genesis, timestamp } = await readRollupHistory(mining.provider, mining.deployment.rollup);
  const accounts = openTransfersReplay(rollup, genesis).accounts();
  const options = { fileName: 'the test', timestamp, allowInvalid: false };
  const { sequences } = prepareSequences(demoSequences([batches]), { rollup, accounts }, options);
  const sequencer = mining.accounts.sequencer.connect(mining.provider);
  const posted: PostedSequence[] = [];
  for (const sequence of sequences) posted.push(await postSequence(sequencer, rollup.rollup, sequence));
  const outcomes = await watchSequences(posted, {
    client: mining.client,
    provider: mining.provider,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  expect(outcomes).toEqual(posted.map(() => 'rewarded'));
  return posted;
}

test('a sequence is proved and verified across TLS while machines with wrong certificates are turned away', async () => {
  const pids = [...mining.workers.processes.values()].map(({ pid }) => pid);
  const turnedAway = (env: Record<string, string>) =>
    runScript('workers/main.ts', ['prover', '--backend', 'simulated'], {
      TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
      TEMPORAL_NAMESPACE: namespace.namespace,
      // Its database is right: what is wrong is told of Temporal.
      DATABASE_URL: proverUrl(),
      ...env,
    });
  const [[posted], expired, nobody] = await Promise.all([
    proveSequence(2),
    turnedAway(certificates.clientSettings('expired', -1)),
    turnedAway({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificates.authorityFile }),
  ]);
  if (!posted) throw new Error('nothing was posted');
  sequence = posted;
  expect(expired).toMatchObject({ code: 1, stderr: expect.stringMatching(/CN=expired ran out/) });
  expect(nobody).toMatchObject({ code: 1, stderr: expect.stringMatching(/wants a client certificate/) });
  expect([...mining.workers.processes.values()].map(({ pid }) => pid)).toEqual(pids);
}, 300_000);

/** The login of the stack's own prover, as its process was given it. */
function proverUrl(): string {
  const pid = mining.workers.processes.get('prover')?.pid ?? 0;
  const variables = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return variables.find((variable) => variable.startsWith('DATABASE_URL='))?.slice('DATABASE_URL='.length) ?? '';
}

test('each process shows all of its metrics at its address, together with those of the SDK', async () => {
  const names = Object.keys(METRICS).filter((name): name is MetricName => name in METRICS);
  for (const [index, role] of WORKERS.entries()) {
    const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${metricsPort + index}/metrics`)).text();
    const expected = names.filter((name) => infoOf(name).exportedBy.includes(role));
    await expect
      .poll(async () => {
        const text = await scrape();
        return expected.filter((name) => !text.includes(`\n# TYPE ${exportedName(name)} `));
      })
      .toEqual([]);
    expect(await scrape()).toContain('temporal_');
  }
  const aggregator = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  expect(aggregator).toMatch(/^zkpow_proofs_checked_total\{kind="batch",outcome="accepted"\} 2$/m);
  expect(aggregator).toMatch(/^zkpow_provers\{state="active"\} 1$/m);
  const sender = await (await fetch(`http://127.0.0.1:${metricsPort + 2}/metrics`)).text();
  expect(sender).toMatch(/^zkpow_sender_leads\{wallet="0x\w+"\} 1$/m);
  const prover = await (await fetch(`http://127.0.0.1:${metricsPort + 1}/metrics`)).text();
  expect(prover).toMatch(/^zkpow_proofs_made_total\{kind="final",outcome="made"\} 1$/m);
}, 120_000);

function infoOf(name: MetricName): MetricInfo {
  return METRICS[name];
}

/** As anybody may, once the reveal window is over: shares are booked then. */
async function settleRewards(): Promise<void> {
  const { provider, accounts, deployment } = mining;
  await provider.send('anvil_mine', [toQuantity(T2_BLOCKS)]);
  const rollup = new Contract(deployment.rollup, ROLLUP_ABI, accounts.sequencer.connect(provider));
  await (await rollup.getFunction('settleMany').send(deployment.miner, 1)).wait();
}

test("rewards and transactions reach the aggregator's metrics", async () => {
  await settleRewards();
  const scrape = async (): Promise<string> => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
  await expect.poll(scrape).toMatch(/^zkpow_rewards_gwei_total\{rollup="0x\w+"\} [1-9]/m);
  await expect.poll(scrape).toMatch(/^zkpow_transactions\{state="final",step="reveal"\} 1$/m);
  expect(await scrape()).toMatch(/^zkpow_penalties_gwei_total\{rollup="0x\w+"\} 0$/m);
}, 120_000);

test('a sequence is one trace, through the workflow and all three processes', async () => {
  const traceOfSequence = (): string | undefined =>
    receiver.spans.find(({ name }) => name === 'RunWorkflow:sequenceWorkflow')?.traceId;
  await expect.poll(traceOfSequence).toBeDefined();
  const spans = receiver.spans.filter(({ traceId }) => traceId === traceOfSequence());
  const seen = spans.map(({ service, name }) => `${service} ${name}`);
  expect(seen).toEqual(
    expect.arrayContaining([
      'zkpow-aggregator RunWorkflow:sequenceWorkflow',
      'zkpow-aggregator RunActivity:acceptProof',
      'zkpow-prover RunActivity:prove',
      'zkpow-sender RunActivity:submitProofHash',
      'zkpow-sender RunActivity:submitProof',
    ]),
  );
  expect(seen.filter((name) => name.includes('rollupWorkflow'))).toEqual([]);
}, 120_000);

test('a history made with spans goes on without them', async () => {
  const id = sequenceWorkflowId(sequence);
  const history = await mining.client.workflow.getHandle(id).fetchHistory();
  const workflowsPath = fileURLToPath(new URL('../../workflows/workflows.ts', import.meta.url));
  await Worker.runReplayHistory({ workflowsPath }, history, id);
}, 120_000);

test("the wallet's key is in no history, neither in clear nor in a payload", async () => {
  const { miner } = mining.deployment;
  const rollup = { chainId: sequence.chainId, rollup: sequence.rollup };
  for (const id of [sequenceWorkflowId(sequence), rollupWorkflowId(rollup)]) {
    const text = textOfHistory(await mining.client.workflow.getHandle(id).fetchHistory()).toLowerCase();
    // What goes in as a payload is found, so the key would be.
    expect(text, id).toContain(miner.toLowerCase());
    expect(text, id).not.toContain(mining.accounts.miner.privateKey.slice(2).toLowerCase());
  }
}, 120_000);

const line = z.looseObject({ level: z.string(), role: z.string(), msg: z.string() });

test("every line of a process's log is JSON; those of a proof name sequence and task", () => {
  const read = (worker: string) =>
    readFileSync(mining.workers.processes.get(worker)?.logFile ?? '', 'utf8')
      .split('\n')
      .filter((text) => text.startsWith('{'))
      .map((text) => line.parse(JSON.parse(text)));
  for (const role of WORKERS) expect(read(role).length, role).toBeGreaterThan(0);
  const mined = read('sender').filter(({ msg }) => msg === 'mined');
  expect(mined.map(({ step }) => step)).toEqual(['commit', 'reveal']);
  for (const entry of mined) expect(entry['sequence']).toMatch(/^\d+\/0x\w{40}\/1-2\/\w{8}$/);
  expect(mined[1]?.['round']).toBeGreaterThan(0);
  const proofs = read('prover').filter(({ msg }) => msg.startsWith('proof made'));
  expect(proofs).toHaveLength(4);
  for (const proof of proofs) {
    expect(proof).toMatchObject({
      activity: 'prove',
      sequence: expect.stringMatching(/^\d+\/0x\w{40}\/1-2\/\w{8}$/),
      taskId: expect.stringMatching(/^[0-9a-f]{64}$/),
      seconds: expect.any(Number),
    });
  }
});
