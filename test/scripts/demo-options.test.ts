import { describe, expect, it } from 'vitest';
import { parseDemoOptions } from '../../scripts/demo/demo-options.js';

describe('parseDemoOptions', () => {
  it('posts three sequences of one, two and three batches unless told otherwise', () => {
    expect(parseDemoOptions([])).toEqual({
      prover: undefined,
      batchesPerSequence: [1, 2, 3],
      blockTimeSeconds: 1,
      t1Blocks: 5,
      t2Blocks: 30,
      jsonFile: undefined,
      keep: false,
    });
  });

  it('takes every option', () => {
    const args = '--prover simulated --sequences 4,1 --block-time 2 --t1 7 --t2 40 --json out.json --keep'.split(' ');
    expect(parseDemoOptions(args)).toEqual({
      prover: 'simulated',
      batchesPerSequence: [4, 1],
      blockTimeSeconds: 2,
      t1Blocks: 7,
      t2Blocks: 40,
      jsonFile: 'out.json',
      keep: true,
    });
  });

  it('shows help instead of doing anything', () => {
    expect(parseDemoOptions(['--help', '--keep'])).toBeUndefined();
  });

  it('names everything that is wrong at once', () => {
    const wrong = () => parseDemoOptions('--prover groth16 --sequences 1,0,x --block-time 0.5 --t2 999999'.split(' '));
    expect(wrong).toThrow(/--prover is "groth16", expected noir or simulated/);
    expect(wrong).toThrow(/--sequences is "0", expected a whole number from 1/);
    expect(wrong).toThrow(/--sequences is "x"/);
    expect(wrong).toThrow(/--block-time is "0.5"/);
    expect(wrong).toThrow(/--t2 is "999999", expected a whole number from 1 to 20160/);
  });

  it('refuses an option it does not know, and says where the known ones are', () => {
    expect(() => parseDemoOptions(['--fast'])).toThrow(/Unknown option '--fast'[\s\S]*npm run demo -- --help/);
  });

  it('refuses more batches than a person waits for', () => {
    expect(() => parseDemoOptions(['--sequences', '150,51'])).toThrow(/asks for 201 batches, at most 200/);
  });
});
