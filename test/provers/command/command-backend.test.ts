import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { CommandLine } from '../../../provers/backends/command/run-command.js';
import { createCommandBackend, type CommandBackendOptions } from '../../../provers/backends/command/command-backend.js';
import type { ProofRequest, ProverBackend } from '../../../domain/prover-backend.js';
import { BadInputError, OutOfMemoryError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import type { Statement } from '../../../domain/proof.js';

const PROGRAM = fileURLToPath(new URL('./test-prover.mjs', import.meta.url));
const MINER = '0x70997970C51812dc3A010C7d01b50e0d17dc79C8';

function statement(firstBatch: number, lastBatch: number): Statement {
  const word = (value: number): `0x${string}` => `0x${value.toString(16).padStart(64, '0')}`;
  return {
    ...{ chainId: 31337, rollup: '0x5FbDB2315678afecb367f032d93F642f64180aa3', firstBatch, lastBatch },
    ...{ oldStateRoot: word(firstBatch), newStateRoot: word(lastBatch + 1) },
    ...{ oldAccInputHash: word(100 + firstBatch), newAccInputHash: word(101 + lastBatch) },
  };
}

const batch = (number: number): ProofRequest & { kind: 'batch' } => ({
  ...{ kind: 'batch', statement: statement(number, number), input: Buffer.from(`input of batch ${number}`) },
});

function command(...args: string[]): CommandLine {
  return [process.execPath, PROGRAM, ...args];
}

async function open(prove: CommandLine, options: Partial<CommandBackendOptions> = {}): Promise<ProverBackend> {
  const backend = await createCommandBackend({
    ...{ proofSystem: 'test', prove: { batch: prove, aggregate: prove, final: prove } },
    ...{ timeoutMs: 30_000, graceMs: 100, ...options },
  });
  onTestFinished(() => backend.close());
  return backend;
}

function context(signal = new AbortController().signal) {
  const progress: [string, number | undefined][] = [];
  return {
    signal,
    stages: progress,
    progress: (stage: string, fraction?: number) => void progress.push([stage, fraction]),
  };
}

/** Counts the processes that hold a connection to it. */
async function watchLives(count: number) {
  const server = createServer();
  const lives: Socket[] = [];
  const born = new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('error', () => {});
      if (lives.push(socket.resume()) === count) resolve();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on a port');
  const { port } = address;
  return {
    port,
    born,
    ended: async () => {
      for (const life of lives) if (!life.closed) await once(life, 'close');
    },
  };
}

describe('a prover command', () => {
  test('makes batch, aggregate and final proofs of what it finds in its files, and tells how far it is', async () => {
    const backend = await open(command('honest'), { verify: command('honest') });
    const seen = context();
    const first = await backend.prove(batch(1), seen);
    const second = await backend.prove(batch(2), context());
    const [left, right] = [first, second].map((proof, i) => ({
      ...{ kind: 'batch' as const, statement: statement(i + 1, i + 1), proof },
    }));
    if (!left || !right) throw new Error('two proofs were made');
    const folded = await backend.prove({ kind: 'aggregate', statement: statement(1, 2), left, right }, context());
    const child = { kind: 'aggregate' as const, statement: statement(1, 2), proof: folded };
    const final = await backend.prove({ kind: 'final', statement: statement(1, 2), miner: MINER, child }, context());

    const text = (proof: Uint8Array) => Buffer.from(proof).toString();
    expect(JSON.parse(text(first))).toMatchObject({ circuitId: 'circuit-batch', inputs: ['input of batch 1'] });
    expect(JSON.parse(text(folded))).toMatchObject({ inputs: [text(first), text(second)] });
    expect(JSON.parse(text(final))).toMatchObject({ kind: 'final', miner: MINER, inputs: [text(folded)] });
    expect(seen.stages).toEqual([
      ['inputs', undefined],
      ['proof', undefined],
      ['witness', 0.25],
      ['proof', undefined],
      ['check', undefined],
    ]);
    const claim = { kind: 'final' as const, statement: statement(1, 2), miner: MINER, proof: final };
    expect(await backend.verify(claim)).toBe(true);
    expect(await backend.verify({ ...claim, miner: claim.statement.rollup })).toBe(false);
    expect(await backend.verify({ ...claim, proof: Buffer.from('what is this') })).toBe(false);
    expect(await backend.verify({ kind: 'final', statement: claim.statement, proof: final })).toBe(false);
  });

  test('goes on from a checkpoint, keeps its own, and is told its slot', async () => {
    const backend = await open(command('checkpoint'));
    const kept: unknown[] = [];
    const saveCheckpoint = (checkpoint: unknown) => void kept.push(checkpoint);
    const proof = await backend.prove(batch(1), { ...context(), slot: 2, saveCheckpoint });
    await backend.prove(batch(1), { ...context(), saveCheckpoint, checkpoint: kept[0] });
    expect(kept).toEqual([{ rounds: 1 }, { rounds: 2 }]);
    expect(Buffer.from(proof).toString()).toBe('slot 2');
  });

  test('leaves no files behind, whether it succeeds or fails', async () => {
    const temporary = mkdtempSync(join(tmpdir(), 'zkpow-test-'));
    vi.stubEnv('TMPDIR', temporary);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      rmSync(temporary, { recursive: true });
    });
    await (await open(command('honest'))).prove(batch(1), context());
    await expect((await open(command('rubbish'))).prove(batch(1), context())).rejects.toThrow();
    expect(readdirSync(temporary)).toEqual([]);
  });

  const failures: [string, string[], new (message: string) => Error, RegExp][] = [
    ['says that the input is bad', ['exit', '65'], BadInputError, /exit code 65: some words about it/],
    ['says that its memory is over', ['exit', '71'], OutOfMemoryError, /exit code 71/],
    ['ends as a shell tells of a kill', ['exit', '137'], OutOfMemoryError, /exit code 137/],
    ['is killed', ['killed'], OutOfMemoryError, /signal SIGKILL/],
    ['fails in another way', ['exit', '3'], ProverUnavailableError, /exit code 3: some words about it/],
    [
      'prints rubbish',
      ['rubbish'],
      ProverUnavailableError,
      /printed "proving... done\\n", expected \{"proof": "FILE"\}/,
    ],
    ['prints without end', ['talkative'], ProverUnavailableError, /over 1048576 bytes to its standard output/],
    ['writes no proof', ['no-proof'], ProverUnavailableError, /wrote no such file/],
    ['writes an empty proof', ['empty'], ProverUnavailableError, /not a file with a proof in it/],
    ['names a file of somebody else', ['outside'], ProverUnavailableError, /not in its working directory/],
    [
      'has another circuit',
      ['wrong-circuit'],
      ProverUnavailableError,
      /of circuit circuit-of-last-year, asked for was circuit-batch/,
    ],
  ];
  test.each(failures)('that %s fails with an error that says so', async (_what, args, kind, message) => {
    const proving = (await open(command(...args))).prove(batch(1), context());
    await expect(proving).rejects.toThrow(message);
    await expect(proving).rejects.toBeInstanceOf(kind);
  });

  test('whose proof does not verify is found out before the proof is handed out', async () => {
    const backend = await open(command('wrong-proof'), { verify: command('honest') });
    await expect(backend.prove(batch(4), context())).rejects.toThrow(/made for batches 4 to 4 does not verify/);
  });

  test('that takes too long is ended, with its children', async () => {
    const lives = await watchLives(2);
    const backend = await open(command('hang', String(lives.port)), { timeoutMs: 3_000 });
    await expect(backend.prove(batch(1), context())).rejects.toThrow(/within 3 s: raise "timeoutSeconds"/);
    await lives.ended();
  });

  test('is ended when nobody wants its proof any more, with children that do not listen', async () => {
    const lives = await watchLives(2);
    const cancel = new AbortController();
    const proving = (await open(command('hang', String(lives.port)))).prove(batch(1), context(cancel.signal));
    const outcome = expect(proving).rejects.toMatchObject({ name: 'AbortError' });
    await lives.born;
    cancel.abort();
    await outcome;
    await lives.ended();
  });

  test('is ended when the backend closes', async () => {
    const lives = await watchLives(2);
    const backend = await open(command('hang', String(lives.port)));
    const outcome = expect(backend.prove(batch(1), context())).rejects.toThrow(/closing/);
    await lives.born;
    await backend.close();
    await outcome;
    await lives.ended();
  });
});

describe('a prover command that cannot be used', () => {
  test('is refused at the start if it is not there', async () => {
    await expect(open(['/nowhere/prove'])).rejects.toThrow(
      /\/nowhere\/prove cannot be run \(.*ENOENT.*\): is it there/,
    );
  });

  test('is refused at the start if it does not say which circuits it has, unless the settings do', async () => {
    await expect(open(command('mute'))).rejects.toThrow(/--circuit-ids ended with code 64.*set "circuitIds"/);
    await expect(open(command('batches-only'))).rejects.toThrow(/names no aggregate circuit/);
    const backend = await open(command('mute'), { circuitIds: { batch: 'a', aggregate: 'b', final: 'c' } });
    expect(backend.circuitId('final')).toBe('c');
  });

  test('makes only the kinds that it is named for', async () => {
    const backend = await open(command('honest'), { prove: { batch: command('honest') }, circuitIds: { final: 'f' } });
    const child = { kind: 'batch' as const, statement: statement(1, 1), proof: Buffer.from('x') };
    const proving = backend.prove({ kind: 'final', statement: statement(1, 1), miner: MINER, child }, context());
    await expect(proving).rejects.toThrow(/No command makes final proofs here: set "prove"/);
    expect(() => backend.circuitId('aggregate')).toThrow(/No circuit id of aggregate proofs/);
  });

  test('accepts nothing without a command that checks', async () => {
    const backend = await open(command('honest'));
    const claim = { kind: 'batch' as const, statement: statement(1, 1), proof: Buffer.from('x') };
    await expect(backend.verify(claim)).rejects.toThrow(/No command checks test proofs.*set "verify"/);
  });
});
