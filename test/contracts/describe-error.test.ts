import { expect, test } from 'vitest';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { describeRevert } from '../../contracts/describe-error.js';

test('a call that gives no error is told as one that has run out of gas', () => {
  expect(describeRevert(ROLLUP, '0x')).toMatch(/run out of gas$/);
});

test('an error of the contract is told by its name, one of another contract by its number', () => {
  const error = ROLLUP.encodeErrorResult('NotEnoughGas', [1, 2]);
  expect(describeRevert(ROLLUP, error)).toMatch(/^NotEnoughGas\(.* 1, .* 2\): send it with a higher gas limit/);
  expect(describeRevert(ROLLUP, '0x12345678')).toBe('an error without a name (0x12345678)');
});
