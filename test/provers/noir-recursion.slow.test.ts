import { Contract, ContractFactory, JsonRpcProvider, NonceManager, Wallet, type Signer } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileContracts, contractNamed, type CompiledContract } from '../../contracts/compile.js';
import { createNoirBackend, type NoirBackend } from '../../provers/backends/noir/noir-backend.js';
import type { ChildProof } from '../../domain/prover-backend.js';
import type { Statement } from '../../domain/proof.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from '../transfers/local-chain.js';
import { ROLLUP, signedTransfer, ZERO_HASH } from '../transfers/support.js';
import { joined, MINER, nth, quietly, tampered, worksOf } from './support.js';
import { transfersCircuits } from '../../rollup-types/transfers/noir-circuits.js';

/** Deploys the generated verifier and the project's contract in front of it. */
async function deployVerifier(backend: NoirBackend, signer: Signer): Promise<Contract> {
  const contracts = await compileContracts({ extraSources: { HonkVerifier: await backend.solidityVerifier() } });
  const deploy = async (contract: CompiledContract, args: unknown[]): Promise<string> => {
    const deployed = await new ContractFactory([...contract.abi], contract.bytecode, signer).deploy(...args);
    await deployed.waitForDeployment();
    return deployed.getAddress();
  };
  const honkVerifier = await deploy(contractNamed(contracts, 'HonkVerifier'), []);
  const adapter = contractNamed(contracts, 'TransfersRule');
  const args = [honkVerifier, backend.circuitId('final'), backend.finalProofBytes, 3_000_000n, true];
  return new Contract(await deploy(adapter, args), [...adapter.abi], signer);
}

describe('three batches, folded into one proof', () => {
  let backend: NoirBackend;
  let chain: LocalChain;
  let provider: JsonRpcProvider;
  let verifier: Contract;
  let statement: Statement;
  let proof: Uint8Array;

  const fold = async (left: ChildProof, right: ChildProof): Promise<ChildProof> => {
    const both = joined(left.statement, right.statement);
    const folded = await backend.prove({ kind: 'aggregate', statement: both, left, right }, quietly());
    return { kind: 'aggregate', statement: both, proof: folded };
  };
  const verifyOnChain = async (changes: Partial<Statement>, miner: string, bytes: Uint8Array): Promise<unknown> =>
    verifier.getFunction('verify').staticCall({ ...statement, ...changes, newLocalExitRoot: ZERO_HASH, miner }, bytes);

  beforeAll(async () => {
    backend = await createNoirBackend({
      circuits: transfersCircuits,
      trustedSetup: 'development',
      chainId: 31337,
      log: (line) => console.log(line),
    });
    chain = await startLocalChain();
    provider = new JsonRpcProvider(chain.rpcUrl);
    verifier = await deployVerifier(backend, new NonceManager(new Wallet(FUNDED_KEYS[0], provider)));
    const works = await worksOf([
      [signedTransfer(0, 1), signedTransfer(0, 1, { nonce: 1n })],
      [signedTransfer(0, 1)],
      [signedTransfer(1, 3), signedTransfer(3, 2)],
    ]);
    const batches: ChildProof[] = [];
    for (const { statement: said, input } of works) {
      const made = await backend.prove({ kind: 'batch', statement: said, input }, quietly());
      batches.push({ kind: 'batch', statement: said, proof: made });
    }
    const child = await fold(await fold(nth(batches, 0), nth(batches, 1)), nth(batches, 2));
    statement = child.statement;
    proof = await backend.prove({ kind: 'final', statement, miner: MINER, child }, quietly());
  }, 1_800_000);

  afterAll(async () => {
    provider?.destroy();
    await chain?.stop();
    await backend?.close();
  });

  test('are accepted by the contract, for the miner they are bound to and nobody else', async () => {
    expect(statement).toMatchObject({ firstBatch: 1, lastBatch: 3 });
    expect(proof).toHaveLength(backend.finalProofBytes);
    expect(await verifyOnChain({}, MINER, proof)).toBe(true);
    expect(await verifyOnChain({}, ROLLUP.rollup, proof)).toBe(false);
    expect(await backend.verify({ kind: 'final', statement, miner: MINER, proof })).toBe(true);
    expect(await backend.verify({ kind: 'final', statement, miner: ROLLUP.rollup, proof })).toBe(false);
  });

  test('prove their very statement only', async () => {
    const changes: Partial<Statement>[] = [
      { chainId: 1 },
      { rollup: MINER },
      { firstBatch: 2 },
      { lastBatch: 4 },
      { oldStateRoot: statement.newStateRoot },
      { newStateRoot: statement.oldStateRoot },
      { oldAccInputHash: statement.newAccInputHash },
      { newAccInputHash: statement.oldAccInputHash },
    ];
    for (const change of changes) {
      expect(await verifyOnChain(change, MINER, proof), Object.keys(change).join()).toBe(false);
      const claim = { kind: 'final' as const, statement: { ...statement, ...change }, miner: MINER, proof };
      expect(await backend.verify(claim), Object.keys(change).join()).toBe(false);
    }
  });

  test('are refused with a single bit turned over', async () => {
    for (const position of [100, 5000, 9_183]) {
      expect(await verifyOnChain({}, MINER, tampered(proof, position))).toBe(false);
      const claim = { kind: 'final' as const, statement, miner: MINER, proof: tampered(proof, position) };
      expect(await backend.verify(claim)).toBe(false);
    }
  });
});
