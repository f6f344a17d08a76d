import { findBbBinary } from '@aztec/bb.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BarretenbergLostError, BarretenbergProcess } from '../../provers/noir/barretenberg-process.js';

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
