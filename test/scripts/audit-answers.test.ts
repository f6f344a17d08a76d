import { expect, test } from 'vitest';
import { compareWithAnswers } from '../../scripts/audit/slither.js';

const answers = [{ check: 'timestamp', about: ['Sequencing._checkBatch'], answer: 'the rule itself' }];
const answered = { check: 'timestamp', about: 'Sequencing._checkBatch', text: 'answered' };

test('findings with an answer are no problem', () => {
  expect(compareWithAnswers([answered, answered], answers)).toEqual([]);
});

test('a finding elsewhere, or of another detector, is new', () => {
  const elsewhere = { ...answered, about: 'Sequencing.sequenceBatches', text: 'elsewhere' };
  const other = { ...answered, check: 'tx-origin', text: 'other' };
  expect(compareWithAnswers([answered, elsewhere, other], answers)).toEqual(['- new: elsewhere', '- new: other']);
});

test('an answer whose finding is gone has to go as well', () => {
  expect(compareWithAnswers([], answers)).toEqual([
    '- no longer found, remove the answer: timestamp Sequencing._checkBatch',
  ]);
});
