import { Interface } from 'ethers';
import { beforeAll, expect, test } from 'vitest';
import { FACTORY_ABI, POOL_ABI, ROLLUP_ABI, RULE_ABI } from '../../contracts/abi.js';
import { compileContracts, contractNamed } from '../../contracts/compile.js';
import type { CompiledContract } from '../../contracts/compile.js';

let contracts: Record<string, CompiledContract>;

beforeAll(async () => {
  contracts = await compileContracts();
});

/** Functions, events and errors that the named contracts have, without constructors and what each library adds. */
function compiledAbi(...names: string[]): Set<string> {
  const fragments = names.flatMap((name) => contractNamed(contracts, name).abi);
  const named = fragments.filter(({ type }) => type === 'function' || type === 'event' || type === 'error');
  // A pure function is a view function to its caller.
  return new Set(new Interface(named).format(false).map((fragment) => fragment.replace(' pure ', ' view ')));
}

test('the rollup ABI is what the contract and its readings have', () => {
  const abi = compiledAbi('ZkPowRollup', 'RollupViews');
  // What a type rule reverts with, a posting does.
  const ofRules = compiledAbi('SimulatedRule', 'TransfersRule');
  const declared = new Set(new Interface(ROLLUP_ABI).format(false));
  const missing = [...abi].filter((fragment) => !declared.has(fragment));
  // Of OpenZeppelin's own: a call to the readings that reverts without a reason, a weight over 2^128.
  expect(missing.filter((fragment) => !/^error (AddressEmptyCode|FailedCall|SafeCast)/.test(fragment))).toEqual([
    'function views() view returns (address)',
  ]);
  const unknown = [...declared].filter((fragment) => !abi.has(fragment));
  expect(unknown.filter((fragment) => !fragment.startsWith('error ') || !ofRules.has(fragment))).toEqual([]);
});

test.each([
  ['ZkPowPool', POOL_ABI],
  ['ZkPowFactory', FACTORY_ABI],
  ['SimulatedRule', RULE_ABI],
  ['TransfersRule', RULE_ABI],
])('all that is declared of %s is there', (name, declared) => {
  const abi = compiledAbi(name);
  expect(new Interface(declared).format(false).filter((fragment) => !abi.has(fragment))).toEqual([]);
});
