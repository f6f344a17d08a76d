import { ContractFactory, getCreateAddress, Interface, type Provider, type Signer } from 'ethers';
import { awaitReceipt, type SentTransaction } from './await-receipt.js';
import type { ChainRules } from './chain-rules.js';
import { contractNamed, type CompiledContract } from './compile.js';
import { rpcReason } from './rpc-reason.js';
import { gasLimitOf } from './transaction-gas.js';

/** A contract that is to be created, in a transaction of its own. */
export interface Creation {
  /** Of the compiled contract. */
  name: string;
  args: unknown[];
}

export interface CreationContext {
  signer: Signer;
  provider: Provider;
  rules: ChainRules;
  contracts: Record<string, CompiledContract>;
  report(line: string): void;
}

/** Contracts by the order of their creation: the signer's next transactions create nothing else. */
export interface NextCreations {
  /** Nonce of the first. */
  nonce: number;
  /** Where each will be. */
  addresses: string[];
}

export async function nextCreations(signer: Signer, count: number): Promise<NextCreations> {
  const from = await signer.getAddress();
  const nonce = await signer.getNonce('pending');
  return { nonce, addresses: Array.from({ length: count }, (_, i) => getCreateAddress({ from, nonce: nonce + i })) };
}

/**
 * Creates contracts that look at none of each other, side by side.
 *
 * @param nonce of the first, see `nextCreations`
 * @throws Error naming the contract, its size and the gas, if one needs more than a transaction may have; none is created
 * then
 */
export async function createAll(
  creations: readonly Creation[],
  nonce: number,
  context: CreationContext,
): Promise<void> {
  const { signer, provider, rules } = context;
  const from = await signer.getAddress();
  const prepared: { what: string; data: string; errors: Interface; gasLimit: bigint }[] = [];
  for (const { name, args } of creations) {
    const { abi, bytecode } = contractNamed(context.contracts, name);
    const { data } = await new ContractFactory(abi, bytecode).getDeployTransaction(...args);
    const question = { what: `Creating ${name} (${(bytecode.length - 2) / 2} bytes)`, errors: new Interface(abi) };
    const gasLimit = await gasLimitOf({ ...question, request: { from, data } }, provider, rules);
    prepared.push({ ...question, data, gasLimit });
  }
  const sent: { what: string; transaction: SentTransaction }[] = [];
  for (const [index, { what, data, errors, gasLimit }] of prepared.entries()) {
    const request = { data, gasLimit, nonce: nonce + index };
    const transaction = await signer.sendTransaction(request).catch((error: unknown) => {
      throw new Error(`${what} is refused: ${rpcReason(error, errors)}`, { cause: error });
    });
    sent.push({ what, transaction });
  }
  await Promise.all(
    sent.map(async ({ what, transaction }, index) => {
      const { contractAddress } = await awaitReceipt(provider, transaction, { what, report: context.report });
      if (contractAddress === getCreateAddress({ from, nonce: nonce + index })) return;
      throw new Error(`${what} came out of order: ${from} sends from another program at the same time. Run it again`);
    }),
  );
}
