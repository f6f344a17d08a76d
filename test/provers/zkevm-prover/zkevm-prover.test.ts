import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ProverUnavailableError } from '../../../domain/prover-errors.js';
import { madeWithGo } from '../../support/made-with-go.js';
import { buildProverProgram } from './build-prover-program.js';
import { batchRequest, batchWork, context, expectInStep, MINER, startTestGateway } from './support.js';
import { startTestProver } from './test-prover.js';

const builtProgram = madeWithGo(buildProverProgram);
let program: string;
beforeEach((context) => {
  program = builtProgram(context);
});

describe('a prover that dials in', () => {
  test('makes batch, aggregated and final proofs, which verify', async () => {
    const { backend, port } = await startTestGateway();
    const prover = startTestProver(program, { port });
    const [first, second] = await batchWork(2);
    if (!first || !second) throw new Error('two batches were asked for');
    const left = {
      kind: 'batch' as const,
      statement: first.statement,
      proof: await backend.prove({ kind: 'batch', ...first }, context()),
    };
    const right = {
      kind: 'batch' as const,
      statement: second.statement,
      proof: await backend.prove({ kind: 'batch', ...second }, context()),
    };
    const statement = { ...first.statement, ...pickNew(second.statement) };
    const child = {
      kind: 'aggregate' as const,
      statement,
      proof: await backend.prove({ kind: 'aggregate', statement, left, right }, context()),
    };
    const proof = await backend.prove({ kind: 'final', statement, miner: MINER, child }, context());

    expect(proof.length).toBe(768);
    expect(await backend.verify(left)).toBe(true);
    expect(await backend.verify({ ...left, statement: second.statement })).toBe(false);
    expect(await backend.verify(child)).toBe(true);
    expect(await backend.verify({ kind: 'final', statement, miner: MINER, proof })).toBe(true);
    expect(await backend.verify({ kind: 'final', statement, miner: statement.rollup, proof })).toBe(false);
    expect(await backend.verify({ kind: 'final', statement, proof })).toBe(false);
    await expect(backend.prove({ kind: 'aggregate', statement, left: right, right: left }, context())).rejects.toThrow(
      ProverUnavailableError,
    );
    await expect(backend.prove({ kind: 'final', statement, miner: MINER, child: left }, context())).rejects.toThrow(
      ProverUnavailableError,
    );
    expectInStep(prover);
  });

  test('takes a stateless batch where the input has a witness', async () => {
    const { backend, port } = await startTestGateway();
    const prover = startTestProver(program, { port });
    const request = await batchRequest();
    if (request.kind !== 'batch') throw new Error('a batch was asked for');
    const input = z.record(z.string(), z.unknown()).parse(JSON.parse(Buffer.from(request.input).toString()));
    const { oldStateRoot: witness } = request.statement;
    const stateless = { ...request, input: Buffer.from(JSON.stringify({ ...input, witness })) };
    const proof = await backend.prove(stateless, context());
    expect(await backend.verify({ kind: 'batch', statement: request.statement, proof })).toBe(true);
    expect(prover.events).toContainEqual({ event: 'asked', request: 'gen_stateless_batch_proof_request' });
  });

  test('hears from the gateway while it computes and while it is idle, else it would exit', async () => {
    const { backend, port, pool } = await startTestGateway();
    const prover = startTestProver(program, { port, behaviour: 'slow', watchdogMs: 5_000 });
    const proving = backend.prove(await batchRequest(), context());
    for (let i = 0; i < 5; i++) await prover.asked('get_proof_request');
    await prover.asked('get_status_request');
    await prover.tell('finish');
    await proving;
    for (let i = 0; i < 5; i++) await prover.asked('get_status_request');
    expect(pool.provers()).toMatchObject([{ name: 'test', state: 'idle' }]);
    expectInStep(prover);
  });

  test('may send proofs of more than the 4 MiB that gRPC takes by itself, and gets them back to fold', async () => {
    const { backend, port } = await startTestGateway();
    startTestProver(program, { port, behaviour: 'large' });
    const request = await batchRequest();
    const { statement } = request;
    const child = { kind: 'batch' as const, statement, proof: await backend.prove(request, context()) };
    expect(child.proof.length).toBeGreaterThan(6 * 2 ** 20);
    await backend.prove({ kind: 'final', statement, miner: MINER, child }, context());
  });

  test('is one of several, each of which has one proof at a time; the rest waits', async () => {
    const { backend, port, reached } = await startTestGateway();
    const provers = ['a', 'b'].map((name) => startTestProver(program, { port, name }));
    await reached('idle', 2);
    const work = await batchWork(6);
    await Promise.all(work.map((batch) => backend.prove({ kind: 'batch', ...batch }, context())));
    const tasks = provers.map(
      ({ events }) => events.filter(({ request }) => request === 'gen_batch_proof_request').length,
    );
    expect(tasks.reduce((a, b) => a + b)).toBe(6);
    expect(Math.min(...tasks)).toBeGreaterThan(0);
    provers.forEach(expectInStep);
  });
});

describe('a prover that goes away in mid-proof', () => {
  test('goes on with its computation when it comes back, and nothing is proved twice', async () => {
    const { backend, port } = await startTestGateway();
    const prover = startTestProver(program, { port, behaviour: 'disconnect-after-get_proof_request' });
    await backend.prove(await batchRequest(), context());
    expect(prover.events.filter(({ event }) => event === 'dialled')).toHaveLength(2);
    expect(prover.events.filter(({ request }) => request === 'gen_batch_proof_request')).toHaveLength(1);
    expectInStep(prover);
  });

  test('and does not come back loses the task to the next try', async () => {
    const { backend, port, reached } = await startTestGateway({ reconnectMs: 300 });
    const prover = startTestProver(program, { port, behaviour: 'slow' });
    const proving = backend.prove(await batchRequest(), context());
    await prover.asked('get_proof_request');
    const outcome = expect(proving).rejects.toThrow(
      /Prover test .* made no proof: .* did not come back to its computation/,
    );
    await prover.tell('hold');
    await outcome;
    await prover.tell('dial');
    // It computes for nobody now, and gets nothing else to do before it is done.
    await reached('occupied');
    await prover.tell('honest');
    await prover.tell('finish');
    await backend.prove(await batchRequest(), context());
    expectInStep(prover);
  });

  test('right after it took a task may compute it still: it gets no second one before it says it is idle', async () => {
    const { backend, port, reached } = await startTestGateway();
    const prover = startTestProver(program, { port, behaviour: 'slow' });
    await reached('idle');
    const first = expect(backend.prove(await batchRequest(), context())).rejects.toThrow(ProverUnavailableError);
    await prover.saw(({ request }) => request === 'gen_batch_proof_request');
    await prover.tell('forget');
    await first;
    await prover.tell('slow');
    const second = backend.prove(await batchRequest(), context());
    await prover.asked('get_status_request');
    await prover.asked('get_status_request');
    expect(prover.events.filter(({ request }) => request === 'gen_batch_proof_request')).toHaveLength(1);
    await prover.tell('honest');
    await prover.tell('finish');
    await second;
    expectInStep(prover);
  });
});

describe('a task that nobody wants any more', () => {
  test('is cancelled, and its prover gets no other before it is done', async () => {
    const { backend, port, reached } = await startTestGateway();
    const prover = startTestProver(program, { port, behaviour: 'slow' });
    const cancel = new AbortController();
    const proving = backend.prove(await batchRequest(), context(cancel.signal));
    await prover.asked('get_proof_request');
    const cancelled = prover.asked('cancel_request');
    cancel.abort();
    await expect(proving).rejects.toMatchObject({ name: 'AbortError' });
    await cancelled;
    await reached('occupied');
    await prover.tell('honest');
    const next = backend.prove(await batchRequest(), context());
    await prover.asked('get_status_request');
    expect(prover.events.filter(({ request }) => request === 'gen_batch_proof_request')).toHaveLength(1);
    await prover.tell('finish');
    await next;
    expectInStep(prover);
  });

  test('is dropped while it waits for a prover', async () => {
    const { backend } = await startTestGateway();
    const cancel = new AbortController();
    const proving = backend.prove(await batchRequest(), context(cancel.signal));
    cancel.abort();
    await expect(proving).rejects.toMatchObject({ name: 'AbortError' });
  });
});

function pickNew<T extends { lastBatch: number; newStateRoot: string; newAccInputHash: string }>({
  lastBatch,
  newStateRoot,
  newAccInputHash,
}: T): Pick<T, 'lastBatch' | 'newStateRoot' | 'newAccInputHash'> {
  return { lastBatch, newStateRoot, newAccInputHash };
}
