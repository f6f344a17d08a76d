import { MockActivityEnvironment } from '@temporalio/testing';
import { describe, expect, test } from 'vitest';
import { mappingFailures } from '../activities/failures.js';
import { requireSameBlockNumbers } from '../activities/chain/block-numbers.js';
import { NoContractError } from '../activities/chain/rollup-directory.js';
import { findRollupType } from '../rollup-types/registry.js';
import { createSimulatedBackend } from '../provers/backends/simulated/simulated-backend.js';
import { backendFinder } from '../workers/open-backend.js';

/** What an activity that runs `work` fails with at its `attempt`th try. */
async function failureOf(work: () => unknown, attempt = 1): Promise<unknown> {
  const activity = mappingFailures(async () => Promise.resolve(work()));
  return new MockActivityEnvironment({ attempt }).run(activity).catch((error: unknown) => error);
}

describe('what a person has to change first is told to the workflow at once', () => {
  test('a rollup of a type that is not installed', async () => {
    const failure = await failureOf(() => findRollupType('zkevm'));
    expect(failure).toMatchObject({ type: 'UnknownRollupTypeError', nonRetryable: true });
  });

  test('a prover of another proof system than the rollup takes', async () => {
    const find = backendFinder(createSimulatedBackend({}));
    expect(find('simulated').proofSystem).toBe('simulated');
    const failure = await failureOf(() => find('noir'));
    expect(failure).toMatchObject({
      type: 'OtherProofSystemError',
      nonRetryable: true,
      message: expect.stringContaining('set ZKPOW_PROVER to noir'),
    });
  });
});

describe('what may pass is tried again', () => {
  test('an error of no known name', async () => {
    expect(await failureOf(() => Promise.reject(new Error('lost')), 100)).toMatchObject({ nonRetryable: false });
  });

  test('an address without a contract, until several tries had the same answer', async () => {
    const nothing = () => Promise.reject(new NoContractError('nothing there'));
    expect(await failureOf(nothing, 4)).toMatchObject({ type: 'NoContractError', nonRetryable: false });
    expect(await failureOf(nothing, 5)).toMatchObject({ type: 'NoContractError', nonRetryable: true });
  });

  test('other block numbers in contracts, until several tries had the same answer', async () => {
    const mixed = () => requireSameBlockNumbers(42_161, { blockNumber: 20 }, { number: 300 });
    expect(await failureOf(mixed, 4)).toMatchObject({ type: 'OtherBlockNumbersError', nonRetryable: false });
    expect(await failureOf(mixed, 5)).toMatchObject({
      nonRetryable: true,
      message: expect.stringMatching(/^In block 300 of chain 42161 contracts see block number 20\./),
    });
  });
});
