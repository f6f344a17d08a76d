import { describe, expect, test } from 'vitest';
import { ManifestError } from '../../domain/stage-manifest.js';
import { checkManifest } from '../../rollup-types/check-manifest.js';
import { transfersType } from '../../rollup-types/transfers/transfers-type.js';

const { manifest } = transfersType;

describe('a manifest', () => {
  test('that says all of every stage is taken', () => {
    expect(() => checkManifest('transfers', manifest)).not.toThrow();
  });

  test.each([
    ['a missing stage', { ...manifest, aggregate: undefined }, /"transfers".*aggregate/s],
    ['an unknown class', { ...manifest, final: { ...manifest.final, hardwareClass: 'tpu' } }, /final\.hardwareClass/],
    ['no attempts', { ...manifest, batch: { ...manifest.batch, attempts: 0 } }, /batch\.attempts/],
    [
      'a class that spills over to itself',
      { ...manifest, batch: { ...manifest.batch, hardwareClass: 'gpu' } },
      /cannot spill over to the class that it is meant for/,
    ],
  ])('with %s is refused by name', (_what, wrong, words) => {
    expect(() => checkManifest('transfers', wrong)).toThrow(ManifestError);
    expect(() => checkManifest('transfers', wrong)).toThrow(words);
  });
});
