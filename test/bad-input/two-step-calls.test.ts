import { Contract, isCallException, parseEther, Result, Wallet, type BaseContract } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createChainRpc } from '../../activities/chain/chain-rpc.js';
import { openEndpoints } from '../support/endpoints.js';
import { readRollupEntry } from '../../activities/chain/rollup-directory.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { describeRevert } from '../../contracts/describe-error.js';
import { CHAIN_ID, startSenderChain, T1, T2, type SenderChain } from '../sender/chain-scene.js';
import { FUNDED_KEYS } from '../transfers/local-chain.js';

const HASH = `0x${'77'.repeat(32)}`;
const ZERO = `0x${'00'.repeat(32)}`;

let chain: SenderChain;
let rollup: Contract;
let pool: Contract;
let miner: Wallet;
let rival: Wallet;
/** Has no deposit. */
let stranger: Wallet;
let admin: Wallet;

// Sequences 1, 2 and 3 are posted. The miner has a commitment to 1 in a round that it opened.
beforeAll(async () => {
  chain = await startSenderChain();
  const address = await chain.launchRollup();
  rollup = new Contract(address, ROLLUP_ABI, chain.provider);
  pool = new Contract(chain.deployment.pool, POOL_ABI, chain.provider);
  miner = await chain.miner(address);
  rival = await chain.miner(address);
  stranger = await chain.miner(null);
  admin = new Wallet(FUNDED_KEYS[0], chain.provider);
  await chain.post(address, 3);
  const sent = await rollup.connect(miner).getFunction('submitProofHash').send(0, 1, HASH);
  await chain.mine();
  await sent.wait();
});
afterAll(() => chain.stop());

/** What the contract says to a call in the next block, as people are told it. */
async function refusal(from: Wallet, contract: BaseContract, method: string, ...args: unknown[]): Promise<string> {
  try {
    await contract
      .connect(from)
      .getFunction(method)
      .staticCall(...args, { blockTag: 'pending' });
  } catch (error) {
    if (isCallException(error) && error.data) return describeRevert(contract.interface, error.data);
    throw error;
  }
  throw new Error(`${method} is not refused`);
}

const commit = (from: Wallet, before: number, last: number, hash = HASH) =>
  refusal(from, rollup, 'submitProofHash', before, last, hash);
const reveal = (from: Wallet, before: number, last: number, proof: string) =>
  refusal(from, rollup, 'verifyBatches', before, last, ZERO, ZERO, proof);

/** All that could be lost: deposits, reserves, and what was sent. */
async function books(): Promise<unknown[]> {
  const address = await rollup.getAddress();
  return Promise.all(
    [miner, rival, stranger].flatMap(({ address: who }) => [
      pool.getFunction('depositOf')(address, who).then(String),
      chain.provider.getTransactionCount(who),
      chain.provider.getBalance(who).then(String),
    ]),
  );
}

describe('a call out of place is refused by name, with its numbers and what to do; nothing is sent, nothing lost', () => {
  let before: unknown[];
  beforeAll(async () => {
    before = await books();
  });
  afterAll(async () => expect(await books()).toEqual(before));

  test('a commit to a range that is no sequence', async () => {
    expect(await commit(rival, 0, 2)).toMatch(
      /^NotAWholeSequence\(initNumBatch 0, finalNewBatch 2, previousLastBatch 1\): give exactly one posted sequence/,
    );
    expect(await commit(rival, 8, 9)).toMatch(/^NoSuchSequence\(finalNewBatch 9\): give the last batch of a posted/);
  });

  test('a hash of zeros', async () => {
    expect(await commit(rival, 1, 2, ZERO)).toBe('ZeroProofHash(): commit to a proof');
  });

  test('a commit without a deposit', async () => {
    const needed = parseEther('51');
    expect(await commit(stranger, 1, 2)).toMatch(
      `InsufficientFreeDeposit(miner ${stranger.address}, free 0, needed ${needed}): top the deposit up with "npm run miner -- deposit AMOUNT --rollup ADDRESS"`,
    );
  });

  test('a second commitment in a round', async () => {
    expect(await commit(miner, 0, 1)).toMatch(/^AlreadyCommitted\(miner 0x\w+, finalNewBatch 1, round \d+\): one/);
  });

  test('a reveal before its window, and one without a commitment', async () => {
    expect(await reveal(miner, 0, 1, '0x01')).toMatch(
      /^OutsideRevealWindow\(blockNumber \d+, revealStart \d+, revealEnd \d+\): send it in a block of the window/,
    );
    expect(await reveal(rival, 0, 1, '0x01')).toMatch(
      /^NoOpenCommitment\(miner 0x\w+, finalNewBatch 1, round \d+, state 0\): "npm run miner -- status --rollup ADDRESS" lists/,
    );
  });

  test('a withdrawal of what an open commitment reserves', async () => {
    const address = await rollup.getAddress();
    expect(await refusal(miner, pool, 'requestWithdrawal', address, parseEther('200'))).toBe(
      `InsufficientFreeDeposit(miner ${miner.address}, free ${parseEther('199')}, needed ${parseEther('200')}): ` +
        'top the deposit up with "npm run miner -- deposit AMOUNT --rollup ADDRESS", or settle with ' +
        '"npm run miner -- settle --rollup ADDRESS"; reserves of open commitments cannot be used',
    );
  });

  test.each([
    [0, T2],
    [T1, 0],
    [100_801, T2],
    [T1, 100_801],
  ])('windows of %i and %i blocks', async (t1, t2) => {
    const [parameters] = await rollup.getFunction('parameters').staticCallResult();
    const [settings] = z.instanceof(Result).parse(parameters);
    const proposed = { ...z.instanceof(Result).parse(settings).toObject(), t1, t2 };
    expect(await refusal(admin, rollup, 'proposeSettings', proposed)).toBe(
      `WindowOutOfRange(t1 ${t1}, t2 ${t2}, limit 100800): choose T1 and T2 from 1 to the limit`,
    );
  });

  test('a proof of the wrong length, and a commit after the hash window', async () => {
    await chain.mine(T1);
    expect(await reveal(miner, 0, 1, '0x0102')).toMatch(/^ProofLength\(length 2, expected \d+\): the proof is not of/);
    expect(await commit(rival, 0, 1)).toMatch(
      /^HashWindowClosed\(blockNumber \d+, revealStart \d+\): wait for the outcome of the round/,
    );
  });

  test('a reveal after its window', async () => {
    await chain.mine(T2);
    expect(await reveal(miner, 0, 1, '0x01')).toMatch(/^NoOpenCommitment\(miner 0x\w+, finalNewBatch 1, .*, state 5\)/);
  });
});

test('a contract that is no ZkPowRollup is told from an address without one, and both say what to check', async () => {
  const endpoints = openEndpoints(chain.rpcUrl);
  const rpc = createChainRpc(endpoints);
  const { pool: poolAddress, factory } = chain.deployment;
  for (const other of [poolAddress, factory]) {
    await expect(readRollupEntry(rpc, { chainId: CHAIN_ID, rollup: other })).rejects.toThrow(
      new RegExp(`contract at ${other} on chain ${CHAIN_ID} is no ZkPowRollup .*--rollup or ZKPOW_ROLLUP`),
    );
  }
  await expect(readRollupEntry(rpc, { chainId: CHAIN_ID, rollup: stranger.address })).rejects.toThrow(
    /There is no contract at 0x\w+ on chain 31337: check the rollup's address and ZKPOW_RPC_URL/,
  );
  endpoints.close();
});
