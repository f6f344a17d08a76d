import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBbBinary } from '@aztec/bb.js';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { BarretenbergLostError, BarretenbergProcess } from '../../provers/backends/noir/barretenberg-process.js';
import { OutOfMemoryError } from '../../domain/prover-errors.js';

/** A process whose executable is a shell script; `DIRECTORY` in it is one that the test may use. */
function processOfScript(script: string): { process: BarretenbergProcess; directory: string } {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-bb-'));
  const binary = join(directory, 'bb');
  writeFileSync(binary, `#!/bin/sh\n${script.replaceAll('DIRECTORY', directory)}\n`, { mode: 0o755 });
  const process = new BarretenbergProcess({ binary, threads: 1 });
  onTestFinished(async () => {
    await process.close();
    rmSync(directory, { recursive: true });
  });
  return { process, directory };
}

const number = (value: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? value : 0));

describe('the warm bb process', () => {
  let bb: BarretenbergProcess;
  const hash = async (input: number): Promise<string> => {
    const { outputs } = await bb.run((api) => api.poseidon2Permutation({ inputs: [input, 0, 0, 0].map(number) }));
    return outputs.map((word) => Buffer.from(word).toString('hex')).join();
  };

  beforeEach(() => {
    const binary = findBbBinary();
    if (!binary) throw new Error('No bb for this machine');
    bb = new BarretenbergProcess({ binary, threads: 1 });
  });
  afterEach(() => bb.close());

  test('answers each of many jobs', async () => {
    const alone = [await hash(1), await hash(2)];
    expect(await Promise.all([hash(1), hash(2)])).toEqual(alone);
    expect(alone[0]).not.toBe(alone[1]);
  });

  test('says that it was lost when it dies in mid-job, and is there again for the next job', async () => {
    const before = await hash(1);
    const job = bb.run(async (api) => {
      await api.shutdown({});
      return api.poseidon2Permutation({ inputs: [1, 0, 0, 0].map(number) });
    });
    await expect(job).rejects.toThrow(BarretenbergLostError);
    expect(await hash(1)).toBe(before);
  });

  test('says that there was no memory when it was killed in mid-job and nobody here did it', async () => {
    const script = `echo $$ > DIRECTORY/pid; exec ${findBbBinary()} "$@"`;
    const { process: own, directory } = processOfScript(script);
    const job = own.run(async (api) => {
      await api.poseidon2Permutation({ inputs: [1, 0, 0, 0].map(number) });
      process.kill(Number(readFileSync(join(directory, 'pid'), 'utf8')), 'SIGKILL');
      return api.poseidon2Permutation({ inputs: [1, 0, 0, 0].map(number) });
    });
    await expect(job).rejects.toThrow(OutOfMemoryError);
    await expect(job).rejects.toThrow(/bb ended \(SIGKILL\)/);
    expect(await own.run((api) => api.blake2s({ data: number(1) }))).toBeDefined();
  });

  test('says so when its last words tell of it', async () => {
    const { process: own } = processOfScript(`echo "what():  std::bad_alloc" >&2; exit 134`);
    const job = own.run((api) => api.blake2s({ data: number(1) }));
    await expect(job).rejects.toThrow(OutOfMemoryError);
    await expect(job).rejects.toThrow(/exit code 134\); its last words: what\(\): {2}std::bad_alloc/);
  });

  test('ends with a job that is cancelled, and drops one that waits', async () => {
    const [running, waiting] = [new AbortController(), new AbortController()];
    const cancelled: unknown = expect.objectContaining({ name: 'AbortError' });
    const job = bb.run(
      () => new Promise<never>((_, reject) => running.signal.addEventListener('abort', reject)),
      running.signal,
    );
    const next = bb.run(() => Promise.resolve('never run'), waiting.signal);
    waiting.abort();
    await expect(next).rejects.toThrow(cancelled);
    running.abort();
    await expect(job).rejects.toThrow(cancelled);
    expect(await hash(1)).toMatch(/^[0-9a-f,]+$/);
  });

  test('names an executable that cannot be run', async () => {
    const missing = new BarretenbergProcess({ binary: '/nonexistent/bb', threads: 1 });
    await expect(missing.run((api) => api.blake2s({ data: number(1) }))).rejects.toThrow(
      /nonexistent\/bb cannot be run/,
    );
  });
});
