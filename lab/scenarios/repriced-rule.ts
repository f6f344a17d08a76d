import { readFile } from 'node:fs/promises';
import { Contract, ContractFactory, type BaseContract, type Wallet } from 'ethers';
import { compileContracts, contractNamed } from '../../contracts/compile.js';
import type { TypeRule } from '../../domain/type-rule.js';
import { simulatedSample } from '../../provers/backends/simulated/simulated-rule.js';
import { demoType } from '../../rollup-types/registry.js';

const SOURCE = new URL('RepricedRule.sol', import.meta.url);

/** Deploys a rule of simulated proofs whose verifier can be made dearer for one rollup or another. */
export async function deployRepricedRule(admin: Wallet, cacheDirectory: string): Promise<TypeRule> {
  const extraSources = { RepricedRule: await readFile(SOURCE, 'utf8') };
  const contracts = await compileContracts({ extraSources, cacheDirectory });
  const create = async (name: string, args: unknown[]): Promise<string> => {
    const { abi, bytecode } = contractNamed(contracts, name);
    const contract = await new ContractFactory(abi, bytecode, admin).deploy(...args);
    await contract.waitForDeployment();
    return contract.getAddress();
  };
  const simulated = await create('SimulatedRule', Object.values(demoType.layout));
  return { kind: 'deployed', address: await create('RepricedRule', [simulated]), sample: simulatedSample() };
}

/** The contract, for repricing it: `reprice(rollup, extra gas)`. */
export function repricedRule(address: string, admin: Wallet): BaseContract {
  return new Contract(address, ['function reprice(address rollup, uint256 gas)'], admin);
}
