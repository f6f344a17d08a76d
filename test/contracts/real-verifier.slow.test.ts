import { Contract, Interface, isCallException, JsonRpcProvider, NonceManager, parseEther, Wallet } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { proofHashOf } from '../../activities/proving/proof-hash.js';
import { openTransfersReplay } from '../../rollup-types/transfers/replay.js';
import { isHex } from '../../activities/storage/database.js';
import { POOL_ABI, ROLLUP_ABI, RULE_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import { deployZkPow, type Deployment } from '../../contracts/deploy.js';
import { defaultCacheDirectory } from '../../platform/artifact-cache.js';
import { createNoirBackend, type NoirBackend } from '../../provers/backends/noir/noir-backend.js';
import { sampleProof } from '../../local-stack/mining/sample-proof.js';
import type { Statement } from '../../domain/proof.js';
import { nth, quietly } from '../provers/support.js';
import { FUNDED_KEYS, startLocalChain, type LocalChain } from '../transfers/local-chain.js';
import { COINBASE, GENESIS_ACCOUNTS, genesisOf, ZERO_HASH } from '../transfers/support.js';
import { accumulateTransfers } from '../../rollup-types/transfers/accumulate.js';
import { transfersCircuits } from '../../rollup-types/transfers/noir-circuits.js';
import { transfersRule } from '../../rollup-types/transfers/transfers-rule.js';

const T1 = 3;
const GAS_LIMIT = 5_000_000n;
const VERIFICATION_GAS = 1_000_000n; // the default of deployZkPow

type Outcome = 'accepted' | 'punished' | 'NotEnoughGas' | 'VerificationUnknown' | 'out of gas';

describe('a right proof under the generated verifier', () => {
  const errors = new Interface(ROLLUP_ABI);
  const miner = new Wallet(FUNDED_KEYS[0]).address;
  let chain: LocalChain;
  let provider: JsonRpcProvider;
  let backend: NoirBackend;
  let deployment: Deployment;
  let rollup: Contract;
  let statement: Statement;
  let batch: Uint8Array;
  let proof: Uint8Array;

  beforeAll(async () => {
    chain = await startLocalChain();
    provider = new JsonRpcProvider(chain.rpcUrl, 31337, { staticNetwork: true, pollingInterval: 50, cacheTimeout: -1 });
    backend = await createNoirBackend({
      circuits: transfersCircuits,
      trustedSetup: 'development',
      chainId: 31337,
      log: () => undefined,
    });
    const signer = new NonceManager(new Wallet(FUNDED_KEYS[0], provider));
    const circuitId = backend.circuitId('final');
    if (!isHex(circuitId)) throw new Error(`circuit id ${circuitId} is no hexadecimal`);
    const genesis = genesisOf(GENESIS_ACCOUNTS);
    deployment = await deployZkPow(signer, {
      rollupType: 'transfers',
      rule: transfersRule({
        honkVerifierSource: await backend.solidityVerifier(),
        circuitId,
        developmentSetup: true,
        proofLength: backend.finalProofBytes,
        sample: await sampleProof(backend, defaultCacheDirectory(), () => undefined),
      }),
      ...{ admin: miner, sequencer: miner, genesis, blockTimeSeconds: 1, t1Seconds: T1, t2Seconds: 10 },
    });
    rollup = new Contract(deployment.rollup, ROLLUP_ABI, signer);
    const pool = new Contract(deployment.pool, POOL_ABI, signer);
    const deposit = parseEther('60');
    await sent(pool.getFunction('deposit').send(deposit, { value: deposit }));
    await sent(pool.getFunction('fund').send(deployment.rollup, deposit, { value: deposit }));

    const empty = { transactions: '0x', globalExitRoot: ZERO_HASH, timestamp: 1_700_000_000, l2Coinbase: COINBASE };
    const content = { ...empty, transactions: '0x' as const };
    await sent(
      rollup
        .getFunction('sequenceBatches')
        .send([[empty.transactions, empty.globalExitRoot, empty.timestamp, 0]], COINBASE),
    );
    const place = { firstBatch: 1, previousAccInputHash: ZERO_HASH, accumulate: accumulateTransfers };
    const replay = openTransfersReplay({ chainId: 31337, rollup: deployment.rollup }, genesis);
    const work = await replay.apply(nth(numberBatches([content], place), 0));
    statement = work.statement;
    batch = await backend.prove({ kind: 'batch', statement, input: work.input }, quietly());
    const child = { kind: 'batch' as const, statement, proof: batch };
    proof = await backend.prove({ kind: 'final', statement, miner, child }, quietly());
    const hash = proofHashOf(proof, miner);
    const first = { firstBatch: 1, lastBatch: 1 };
    const args = await leastCommitment(provider, deployment.rollup, miner, first, hash);
    await sent(rollup.getFunction('submitProofHash').send(...args));
    await provider.send('anvil_mine', [`0x${T1.toString(16)}`]);
  }, 900_000);

  afterAll(async () => {
    provider?.destroy();
    await chain?.stop();
    await backend?.close();
  });

  test('fits the gas that the verifier is given, with room', async () => {
    const verify = new Contract(deployment.rule, RULE_ABI, provider).getFunction('verify');
    // No estimate: with too little gas the call returns false, which is no revert.
    const needed = await least(200_000n, async (gasLimit) => {
      const verified: unknown = await verify.staticCall({ ...statement, newLocalExitRoot: ZERO_HASH, miner }, proof, {
        gasLimit,
      });
      return verified === true;
    });
    console.log(`verify needs a gas limit of ${needed}, calldata included`);
    expect(needed).toBeLessThan(VERIFICATION_GAS);
  });

  test('is made with other bytes each time: what was committed to cannot be made again', async () => {
    const child = { kind: 'batch' as const, statement, proof: batch };
    const again = await backend.prove({ kind: 'final', statement, miner, child }, quietly());
    expect(again).toHaveLength(proof.length);
    expect(Buffer.from(again).equals(proof)).toBe(false);
  });

  test('reverts or is accepted, never punished, at gas limits of every size and at all around each edge', async () => {
    const reached = 700_000n; // enough to come to the look at the gas, not to pass it
    expect(await reveal(reached)).toBe('NotEnoughGas');
    const edges = [
      await least(reached, async (gasLimit) => (await reveal(gasLimit)) !== 'NotEnoughGas'),
      await least(reached, async (gasLimit) => (await reveal(gasLimit)) === 'accepted'),
    ];
    console.log(`edges: ${edges.join(', ')} gas`);
    const limits: bigint[] = [];
    for (let limit = 250_000n; limit < GAS_LIMIT; limit += limit / 20n) limits.push(limit);
    for (const at of edges) for (let limit = at - 60n; limit < at + 60n; limit++) limits.push(limit);
    const seen = new Set<Outcome>();
    for (const limit of limits) {
      const outcome = await reveal(limit);
      expect(outcome, `gas limit ${limit}`).not.toBe('punished');
      seen.add(outcome);
    }
    expect(seen).toContain('NotEnoughGas');
    expect(seen).toContain('accepted');
  });

  test('is accepted in a transaction, which moves the state', async () => {
    const args = [0, 1, ZERO_HASH, statement.newStateRoot, proof, { gasLimit: GAS_LIMIT }] as const;
    const receipt = await sent(rollup.getFunction('verifyBatches').send(...args));
    console.log(`verifyBatches used ${receipt} gas`);
    expect(receipt).toBeLessThanOrEqual(1_000_000n);
    expect(await rollup.getFunction('batchNumToStateRoot').staticCall(1)).toBe(statement.newStateRoot);
  });

  /** Simulates the reveal with a gas limit, in the first block of its window. */
  async function reveal(gasLimit: bigint): Promise<Outcome> {
    const data = errors.encodeFunctionData('verifyBatches', [0, 1, ZERO_HASH, statement.newStateRoot, proof]);
    try {
      const result = await provider.call({ from: miner, to: deployment.rollup, data, gasLimit });
      return errors.decodeFunctionResult('verifyBatches', result)[0] === true ? 'accepted' : 'punished';
    } catch (error) {
      if (!isCallException(error) || !error.data || error.data === '0x') return 'out of gas';
      const name = errors.parseError(error.data)?.name;
      return name === 'NotEnoughGas' || name === 'VerificationUnknown' ? name : 'out of gas';
    }
  }
});

/** The least gas limit with which it works, where it works with all higher ones and not with `low`. */
async function least(low: bigint, works: (gasLimit: bigint) => Promise<boolean>): Promise<bigint> {
  let high = GAS_LIMIT;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (await works(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** Waits until it is mined and gives the gas it used. */
async function sent(response: Promise<{ wait(): Promise<{ gasUsed: bigint } | null> }>): Promise<bigint> {
  const receipt = await (await response).wait();
  if (!receipt) throw new Error('the transaction has no receipt');
  return receipt.gasUsed;
}
