import { parseEther } from 'ethers';
import { describe, expect, test } from 'vitest';
import { RpcAnswerError } from '../../activities/chain/endpoints/rpc-errors.js';
import { collectAnswers, describeBroadcast, judgeBroadcast } from '../../activities/sender/broadcast.js';
import { createNodeFeeCap } from '../../activities/sender/node-fee-cap.js';
import { readNodeRefusal, type NodeRefusal } from '../../activities/sender/node-refusals.js';
import { refusing } from './sender-scene.js';

const cap = (capWei: bigint | null): NodeRefusal => ({ kind: 'over-fee-cap', capWei });
const underpriced = (leastTipWei: bigint | null): NodeRefusal => ({ kind: 'underpriced', leastTipWei });

describe('what nodes say', () => {
  test.each<[string, NodeRefusal]>([
    ['tx fee (1.63 ether) exceeds the configured cap (1.00 ether)', cap(parseEther('0.995'))],
    ['tx fee (1.10 FTM) exceeds the configured cap (0.50 FTM)', cap(parseEther('0.495'))],
    ['tx fee (0.01 ether) exceeds the configured cap (0.00 ether)', cap(null)],
    ['Transaction fee cap exceeded', cap(null)],
    ['already known', { kind: 'known' }],
    ['Known transaction', { kind: 'known' }],
    ['AlreadyKnown', { kind: 'known' }],
    ['transaction already imported', { kind: 'known' }],
    ['replacement transaction underpriced', { kind: 'replacement-underpriced' }],
    ['Replacement transaction underpriced', { kind: 'replacement-underpriced' }],
    ['transaction underpriced', underpriced(null)],
    ['transaction underpriced: gas tip cap 1, minimum needed 25000000000', underpriced(25_000_000_000n)],
    ['Gas price below configured minimum gas price', underpriced(null)],
    ['FeeTooLow, EffectivePriorityFeePerGas too low 1 < 2, BaseFee: 7', underpriced(null)],
    ['max fee per gas less than block base fee', { kind: 'other' }],
    ['Gas price below current base fee', { kind: 'other' }],
    ['nonce too low', { kind: 'other' }],
    ['intrinsic gas too low', { kind: 'other' }],
    ['txpool is full', { kind: 'other' }],
    ['insufficient funds for gas * price + value', { kind: 'other' }],
  ])('%s', (message, expected) => {
    expect(readNodeRefusal(message)).toEqual(expected);
  });
});

describe('a broadcast', () => {
  const sent = (endpoint: string, says: string | null | Error) => ({
    endpoint,
    answer:
      says === null
        ? Promise.resolve('0x01')
        : Promise.reject(says instanceof Error ? says : new RpcAnswerError(says, -32_000)),
  });

  test('tells what each endpoint made of it, and one that has it is enough', async () => {
    const answers = await collectAnswers([
      sent('a', 'tx fee (2.00 ether) exceeds the configured cap (1.00 ether)'),
      sent('b', 'already known'),
    ]);
    expect(answers.map(({ said }) => said)).toEqual(['refused', 'known']);
    expect(judgeBroadcast(answers)).toEqual({ kind: 'held' });
  });

  test('waits for no endpoint that is silent once another has it', async () => {
    const silent = { endpoint: 'b', answer: new Promise<unknown>(() => undefined) };
    const answers = await collectAnswers([sent('a', null), silent]);
    expect(answers.map(({ said }) => said)).toEqual(['taken', 'nothing']);
  });

  test('that all refuse takes the largest cap that a node names, and says what helps', async () => {
    const refused = (coins: string) => `tx fee (9.00 ether) exceeds the configured cap (${coins} ether)`;
    const answers = await collectAnswers([
      sent('a', refused('1.00')),
      sent('b', refused('2.00')),
      sent('c', new Error('time-out')),
    ]);
    expect(judgeBroadcast(answers)).toEqual({ kind: 'over-fee-cap', capWei: parseEther('1.995') });
    expect(describeBroadcast(answers)).toMatch(/a says "tx fee .*c: no answer \(time-out\).*--rpc\.txfeecap/);
  });

  test('refused as underpriced is told apart from one that nobody answered', () => {
    expect(judgeBroadcast(refusing('transaction underpriced')).kind).toBe('underpriced');
    expect(judgeBroadcast(refusing('txpool is full')).kind).toBe('not-held');
  });
});

describe("the nodes' cap on what a transaction may cost", () => {
  test('gives the fee a gas that fits, until it may have changed', () => {
    const feeCap = createNodeFeeCap();
    expect(feeCap.fits(2_000_000n, 10)).toBeNull();
    feeCap.learn({ costWei: parseEther('3'), capWei: parseEther('0.995') }, 10);
    expect(feeCap.fits(2_000_000n, 11)).toBe(parseEther('0.995') / 2_000_000n);
    expect(feeCap.fits(2_000_000n, 111)).toBeNull();
  });

  test.each([
    ['not named: one coin, the usual one', { costWei: parseEther('3'), capWei: null }, parseEther('1')],
    ['not named, and less was refused', { costWei: parseEther('0.4'), capWei: null }, parseEther('0.2')],
    [
      'named as more than what was refused',
      { costWei: parseEther('0.5'), capWei: parseEther('0.995') },
      parseEther('0.25'),
    ],
  ])('%s', (_what, refused, fits) => {
    const feeCap = createNodeFeeCap();
    feeCap.learn(refused, 1);
    expect(feeCap.fits(1n, 1)).toBe(fits);
  });
});
