import { once } from 'node:events';
import { credentials, makeClientConstructor } from '@grpc/grpc-js';
import { service } from 'grpc-health-check';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { HandedBackError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import { startGatewayServer } from '../../../provers/gateways/polygon-zkevm/gateway-server.js';
import { createProverPool } from '../../../provers/gateways/polygon-zkevm/prover-pool.js';
import { madeWithGo } from '../../support/made-with-go.js';
import { buildProverProgram } from './build-prover-program.js';
import { batchRequest, context, expectInStep, MINER, startTestGateway } from './support.js';
import { startTestProver } from './test-prover.js';

const builtProgram = madeWithGo(buildProverProgram);

describe('a prover that fails', () => {
  let program: string;
  beforeEach((context) => {
    program = builtProgram(context);
  });

  const failures: [string, string, RegExp][] = [
    ['refuses the input', 'refuse', /RESULT_ERROR/],
    ['cannot take the task', 'internal-error', /RESULT_INTERNAL_ERROR/],
    ['ends with an error', 'fail', /RESULT_COMPLETED_ERROR \(completed_error\)/],
    ['has forgotten the task', 'forget', /RESULT_ERROR \(invalid UUID\)/],
    ['answers another request', 'wrong-message-id', /with the id "another"/],
    ['answers another question', 'wrong-kind', /answered getProofRequest with getStatusResponse/],
    ['answers for another proof', 'wrong-proof-id', /answered for "not .*", asked for was/],
    ['answers nothing', 'no-response', /none of the protocol/],
  ];
  test.each(failures)('because it %s is named, and can go on', async (_what, behaviour, message) => {
    const { backend, port, reached } = await startTestGateway();
    const prover = startTestProver(program, { port, behaviour });
    const proving = backend.prove(await batchRequest(), context());
    await expect(proving).rejects.toThrow(message);
    await expect(proving).rejects.toThrow(/Prover test \(.*\) made no proof/);
    await expect(proving).rejects.toBeInstanceOf(ProverUnavailableError);
    await prover.tell('honest');
    await prover.tell('finish');
    await reached('idle');
    await backend.prove(await batchRequest(), context());
    expectInStep(prover);
  });

  test('by silence is taken for lost', async () => {
    const { backend, port } = await startTestGateway({ answerTimeoutMs: 500, reconnectMs: 0 });
    startTestProver(program, { port, behaviour: 'silent-in-proof' });
    await expect(backend.prove(await batchRequest(), context())).rejects.toThrow(
      /silent for 500 ms \(asked getProofRequest\)/,
    );
  });

  test('by senseless answers three times in a row is set aside', async () => {
    const { backend, port, reached, pool } = await startTestGateway({ idleWaitMs: 2_000 });
    const prover = startTestProver(program, { port, behaviour: 'wrong-message-id' });
    for (let i = 0; i < 3; i++) {
      await expect(backend.prove(await batchRequest(), context())).rejects.toThrow(/with the id/);
      await prover.tell('finish');
    }
    await reached('set aside');
    expect(pool.provers()[0]?.reason).toContain('3 answers in a row made no sense');
    await expect(backend.prove(await batchRequest(), context())).rejects.toThrow(
      /No prover became idle within 2000 ms: test is set aside/,
    );
  });

  const lies: [string, string, RegExp][] = [
    ['of another batch', 'other-batch', /its firstBatch is 2, asked for was 1/],
    ['that does not verify', 'false-proof', /does not verify/],
    ['that is no JSON', 'not-json', /is not the JSON of one/],
  ];
  test.each(lies)('with a proof %s is set aside', async (_what, behaviour, message) => {
    const { backend, port, pool } = await startTestGateway();
    startTestProver(program, { port, behaviour });
    await expect(backend.prove(await batchRequest(), context())).rejects.toThrow(message);
    expect(pool.provers()).toMatchObject([{ state: 'set aside' }]);
    expect(pool.provers()[0]?.reason).toMatch(message);
  });

  test('with a proof of another outcome is not set aside: the expectation may be wrong; another prover comes first', async () => {
    const { backend, port, reached } = await startTestGateway();
    startTestProver(program, { port, name: 'first', behaviour: 'other-outcome' });
    await reached('idle');
    startTestProver(program, { port, name: 'second' });
    await reached('idle', 2);
    await expect(backend.prove(await batchRequest(), context())).rejects.toThrow(
      /first .* not the one asked for: its newStateRoot is/,
    );
    await reached('idle', 2);
    await backend.prove(await batchRequest(), context());
  });

  test('with a final proof for another miner is set aside', async () => {
    const { backend, port, pool } = await startTestGateway();
    const prover = startTestProver(program, { port });
    const request = await batchRequest();
    const { statement } = request;
    const child = { kind: 'batch' as const, statement, proof: await backend.prove(request, context()) };
    await prover.tell('other-miner');
    await expect(backend.prove({ kind: 'final', statement, miner: MINER, child }, context())).rejects.toThrow(
      /it is bound to 0x1, asked for/,
    );
    expect(pool.provers()).toMatchObject([{ state: 'set aside' }]);
  });
});

describe('a gateway', () => {
  test('sends a prover of another fork away, and says so to both sides', async ({ skip }) => {
    const program = builtProgram({ skip });
    const { pool, port } = await startTestGateway();
    const prover = startTestProver(program, { port, fork: 12 });
    const refused: unknown[] = await once(pool.events, 'refused');
    expect(refused[0]).toMatch(/proves fork 12, this gateway works for fork 9: run a prover of that fork/);
    const told = await prover.saw(({ event }) => event === 'disconnected');
    expect(told['error']).toMatch(/FailedPrecondition.*proves fork 12/);
    expect(pool.provers()).toEqual([]);
  });

  test('says that no prover has dialled in when a proof waited for one in vain, and hands it back', async () => {
    const { backend } = await startTestGateway({ idleWaitMs: 10 });
    const proving = backend.prove(await batchRequest(), context());
    await expect(proving).rejects.toThrow(/within 10 ms: none has dialled in/);
    await expect(proving).rejects.toBeInstanceOf(HandedBackError);
  });

  test('that closes sends its provers away and hands back what they compute', async ({ skip }) => {
    const program = builtProgram({ skip });
    const { backend, port, pool } = await startTestGateway();
    const prover = startTestProver(program, { port, behaviour: 'slow' });
    const closing: unknown = expect.objectContaining({ name: 'HandedBackError', message: 'The gateway is closing' });
    const proving = expect(backend.prove(await batchRequest(), context())).rejects.toThrow(closing);
    await prover.asked('get_proof_request');
    pool.close();
    await proving;
    const told = await prover.saw(({ event }) => event === 'disconnected');
    expect(told['error']).toMatch(/Unavailable.*closing/);
  });

  test('tells by grpc.health.v1 that it serves', async () => {
    const { port } = await startTestGateway();
    const client = new (makeClientConstructor(service, 'Health'))(`127.0.0.1:${port}`, credentials.createInsecure());
    onTestFinished(() => client.close());
    const check = service['Check'];
    if (!check) throw new Error('the health service has a Check');
    const answer = new Promise<unknown>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = check;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: 'aggregator.v1.AggregatorService' },
        (error, value) => (error ? reject(error) : resolve(value)),
      );
    });
    expect(await answer).toEqual({ status: 'SERVING' });
  });

  test('says where it cannot listen', async () => {
    const { port, pool } = await startTestGateway();
    await expect(startGatewayServer(`127.0.0.1:${port}`, pool)).rejects.toThrow(
      /cannot listen on .*choose another address/,
    );
  });

  test('refuses intervals in which provers would exit', () => {
    expect(() => createProverPool({ forkId: 9, statusIntervalMs: 60_000 })).toThrow(/expected at most 30000 ms/);
  });
});
