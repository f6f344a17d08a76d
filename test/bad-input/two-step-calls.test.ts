import { Contract, isCallException, parseEther, Wallet, type BaseContract } from 'ethers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createChainRpc } from '../../activities/chain/chain-rpc.js';
import { openEndpoints } from '../support/endpoints.js';
import { readRollupEntry } from '../../activities/chain/rollup-directory.js';
import { POOL_ABI, ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import { describeRevert } from '../../contracts/describe-error.js';
import { CHAIN_ID, startSenderChain, T1, T2, type SenderChain } from '../sender/chain-scene.js';
import { FUNDED_KEYS } from '../transfers/local-chain.js';

const HASH = `0x${'77'.repeat(32)}`;
const ZERO = `0x${'00'.repeat(32)}`;
/** As long as a simulated one. */
const PROOF = `0x${'01'.repeat(64)}`;
const ADDRESS = `0x${'12'.repeat(20)}`;

let chain: SenderChain;
let rollup: Contract;
let pool: Contract;
let miner: Wallet;
let rival: Wallet;
/** Has no stake. */
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
  const args = await leastCommitment(chain.provider, address, miner.address, { firstBatch: 1, lastBatch: 1 }, HASH);
  const sent = await rollup
    .connect(miner)
    .getFunction('submitProofHash')
    .send(...args);
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

/** With the least reserve, bound to what is posted, if anything is. */
async function commit(from: Wallet, before: number, last: number, hash = HASH): Promise<string> {
  const { accInputHash } = await postingOf(last);
  return refusal(from, rollup, 'submitProofHash', before, last, hash, accInputHash, 1, parseEther('10'));
}
const reveal = (from: Wallet, before: number, last: number, proof: string) =>
  refusal(from, rollup, 'verifyBatches', before, last, ZERO, ZERO, proof);

async function postingOf(lastBatch: number): Promise<{ accInputHash: string }> {
  const answer = await rollup.getFunction('sequencedBatches').staticCallResult(lastBatch);
  return { accInputHash: z.string().parse(answer.getValue('accInputHash')) };
}

/** The round that the miner has opened. */
async function ownRound(): Promise<{ round: number }> {
  const answer = await rollup.getFunction('sequencedBatches').staticCallResult(1);
  return { round: Number(z.bigint().parse(answer.getValue('blockNumber'))) };
}

/** All that could be lost: stakes, reserves, and what was sent. */
async function books(): Promise<unknown[]> {
  const address = await rollup.getAddress();
  return Promise.all(
    [miner, rival, stranger].flatMap(({ address: who }) => [
      pool.getFunction('stakeOf')(who).then(String),
      pool.getFunction('rollupStakeOf')(address, who).then(String),
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

  test('a commit without a stake', async () => {
    const needed = parseEther('10');
    expect(await commit(stranger, 1, 2)).toMatch(
      `InsufficientFreeStake(miner ${stranger.address}, free 0, needed ${needed}): add to the stake with "npm run miner -- deposit AMOUNT --rollup ADDRESS"`,
    );
  });

  test('a commit for another posting, under other terms, with too small a reserve, and with more than is free', async () => {
    const bound = (accInputHash: string, version: number, reserve: string): Promise<string> =>
      refusal(rival, rollup, 'submitProofHash', 1, 2, HASH, accInputHash, version, parseEther(reserve));
    const { accInputHash } = await postingOf(2);
    expect(await bound(ZERO, 1, '10')).toBe(
      `AnotherPosting(finalNewBatch 2, accInputHash ${ZERO}, expected ${accInputHash}): the sequence was rolled back and ` +
        'posted anew: prove what is posted now',
    );
    expect(await bound(accInputHash, 2, '10')).toMatch(
      /^OtherTerms\(termsVersion 2, expected 1\): the settings have changed/,
    );
    expect(await bound(accInputHash, 1, '9')).toBe(
      `ReserveTooSmall(reserve ${parseEther('9')}, minimum ${parseEther('10')}): put at least the minimum at risk`,
    );
    expect(await bound(accInputHash, 1, '201')).toMatch(
      `InsufficientFreeStake(miner ${rival.address}, free ${parseEther('200')}, needed ${parseEther('201')}): add to`,
    );
  });

  test('a commit beyond the cap for the rollup, and a cap for what is no rollup', async () => {
    const capped = await chain.miner(await rollup.getAddress());
    const setCap = pool.connect(capped).getFunction('setCap');
    const sent = await setCap.send(await rollup.getAddress(), parseEther('9'));
    await chain.mine();
    await sent.wait();
    expect(await commit(capped, 1, 2)).toMatch(
      `CapReached(miner ${capped.address}, rollup ${await rollup.getAddress()}, reserved 0, asked ${parseEther('10')}, cap ${parseEther('9')}): raise the cap`,
    );
    expect(await refusal(capped, pool, 'setCap', miner.address, 1)).toBe(`NotARollup(rollup ${miner.address})`);
  });

  test('a settling before the round is over, or of nothing', async () => {
    const { round } = await ownRound();
    expect(await refusal(rival, rollup, 'settle', miner.address, 1, round)).toMatch(
      `NothingToSettle(miner ${miner.address}, finalNewBatch 1, round ${round}, state 1, fromBlock ${round + T1 + T2}): its`,
    );
    expect(await refusal(rival, rollup, 'settle', rival.address, 1, round)).toMatch(
      /state 0, fromBlock 0\): its round/,
    );
  });

  test('a second commitment in a round', async () => {
    expect(await commit(miner, 0, 1)).toMatch(/^AlreadyCommitted\(miner 0x\w+, finalNewBatch 1, round \d+\): one/);
  });

  test('a reveal before its window, and one without a commitment', async () => {
    expect(await reveal(miner, 0, 1, PROOF)).toMatch(
      /^OutsideRevealWindow\(blockNumber \d+, revealStart \d+, revealEnd \d+\): send it in a block of the window/,
    );
    expect(await reveal(rival, 0, 1, PROOF)).toMatch(
      /^NoOpenCommitment\(miner 0x\w+, finalNewBatch 1, round \d+, state 0\): "npm run miner -- status --rollup ADDRESS" lists/,
    );
  });

  test('a withdrawal of what an open commitment reserves', async () => {
    expect(await refusal(miner, pool, 'withdraw', parseEther('200'))).toBe(
      `InsufficientFreeStake(miner ${miner.address}, free ${parseEther('190')}, needed ${parseEther('200')}): ` +
        'add to the stake with "npm run miner -- deposit AMOUNT --rollup ADDRESS", or settle with ' +
        '"npm run miner -- settle --rollup ADDRESS"; reserves of open commitments cannot be used',
    );
  });

  test.each([
    [{ t1Seconds: 0 }, /^WindowOutOfRange\(t1Seconds 0, .*\): choose T1 from 1 second to Tmin, T2 from/],
    [{ t2Seconds: 0 }, /^WindowOutOfRange\(t1Seconds \d+, t2Seconds 0, /],
    [
      { t1Seconds: 86_401, tMinSeconds: 86_401 },
      /^WindowOutOfRange\(t1Seconds 86401, .*, t2Limit 1209600, tMinLimit 86400\)/,
    ],
    [{ t2Seconds: 1_209_601 }, /^WindowOutOfRange\(.*, t2Seconds 1209601, /],
    [{ tMinSeconds: T1 - 1 }, new RegExp(`^WindowOutOfRange\\(.*, tMinSeconds ${T1 - 1}, `)],
    [{ tMinSeconds: 86_401 }, /^WindowOutOfRange\(.*, tMinSeconds 86401, /],
    [{ blockTimeMs: 49 }, /^BlockTimeOutOfRange\(blockTimeMs 49, minimum 50, maximum 60000\): give the mean time/],
    [{ silenceShare: 99 }, /^SharesOutOfRange\(silenceShare 99, wrongProofShare 10000, lateShare 2500\): choose/],
    [{ silenceShare: 10_000 }, /^SharesOutOfRange\(silenceShare 10000, /],
    [{ wrongProofShare: 10_001 }, /^SharesOutOfRange\(.*, wrongProofShare 10001, /],
    [{ lateShare: 5_001 }, /^SharesOutOfRange\(.*, lateShare 5001\)/],
    [{ minimumReserve: 9 }, /^SilenceWouldBeFree\(minimumReserve 9, silenceShare 1000\): raise the minimum reserve/],
    [{ rule: ADDRESS }, /^RuleNotRegistered\(rule 0x\w{40}\): register the rule with the factory first/],
  ])('settings with %o', async (wrong, said) => {
    const settings = {
      ...{ blockTimeMs: 1_000, t1Seconds: T1, t2Seconds: T2, tMinSeconds: T1, silenceShare: 1_000, lateShare: 2_500 },
      ...{ wrongProofShare: 10_000, minimumReserve: parseEther('10'), rewardPerSequence: 1, rewardPerBatch: 1 },
      ...{ rewardCap: 1, rule: chain.deployment.rule },
    };
    expect(await refusal(admin, rollup, 'proposeSettings', { ...settings, ...wrong })).toMatch(said);
  });

  test('a proof of the wrong length, and a commit after the hash window', async () => {
    await chain.mine(T1);
    expect(await reveal(miner, 0, 1, '0x0102')).toMatch(
      /^ProofLength\(length 2, minimum 64, maximum 64\): the proof is not of/,
    );
    expect(await commit(rival, 0, 1)).toMatch(
      /^HashWindowClosed\(blockNumber \d+, revealStart \d+\): wait for the outcome of the round/,
    );
  });

  test('a reveal after its window', async () => {
    await chain.mine(T2);
    expect(await reveal(miner, 0, 1, PROOF)).toMatch(/^NoOpenCommitment\(miner 0x\w+, finalNewBatch 1, .*, state 5\)/);
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
