import { Contract, parseEther, ZeroHash, type BaseContract, type Wallet } from 'ethers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import { leastCommitment } from '../../contracts/least-commitment.js';
import { isSecondSend, readRevert } from '../../lab/scenarios/double-sends.js';
import { walletTransactions } from '../../lab/scenarios/wallet-transactions.js';
import { startSenderChain, T1, type SenderChain } from '../sender/chain-scene.js';

const HASH = `0x${'77'.repeat(32)}`;
/** Of a simulated proof. */
const PROOF_BYTES = 64;
const ROUND = { finalBatch: 1, proofHash: HASH, reserve: parseEther('10') };

let chain: SenderChain;
let rollup: BaseContract;
let miner: Wallet;
let rival: Wallet;

beforeAll(async () => {
  chain = await startSenderChain();
  const address = await chain.launchRollup();
  rollup = new Contract(address, ROLLUP_ABI, chain.provider);
  miner = await chain.miner(address);
  rival = await chain.miner(address);
  await chain.post(address, 2);
});
afterAll(() => chain.stop());

const rpc = (method: string, params: unknown[] = []) => chain.provider.send(method, params);

/** Commits in the next block, whatever the contract will say to it. */
async function commit(wallet: Wallet): Promise<void> {
  const address = await rollup.getAddress();
  const args = await leastCommitment(chain.provider, address, wallet.address, { firstBatch: 1, lastBatch: 1 }, HASH);
  await rollup
    .connect(wallet)
    .getFunction('submitProofHash')
    .send(...args, { gasLimit: 900_000 });
  await chain.mine();
}

/** What the audit sees of a wallet's newest transaction, where only the miner has committed, in `round`. */
async function newestOf(wallet: Wallet, round: number): Promise<{ error: string | undefined; isSecond: boolean }> {
  const transactions = await walletTransactions({ rpc, head: () => chain.blockNumber() }, wallet.address, round);
  const newest = transactions.at(-1);
  if (!newest) throw new Error('the wallet has sent nothing');
  const error = await readRevert({ rpc }, newest);
  const commitments = [{ ...ROUND, miner: miner.address, round, block: round }];
  return { error: error?.name, isSecond: isSecondSend(newest, error, wallet.address, commitments) };
}

test('a hash that is mined a second time is a double send, also when its window has closed; a lost race is none', async () => {
  await commit(miner);
  const round = await chain.blockNumber();
  expect(await newestOf(miner, round)).toEqual({ error: undefined, isSecond: false });
  await commit(miner);
  expect(await newestOf(miner, round)).toEqual({ error: 'AlreadyCommitted', isSecond: true });

  await chain.mine(T1);
  await commit(miner);
  expect(await newestOf(miner, round)).toEqual({ error: 'HashWindowClosed', isSecond: true });
  await commit(rival);
  expect(await newestOf(rival, round)).toEqual({ error: 'HashWindowClosed', isSecond: false });
});

test('a proof that is revealed again, after it was punished, is a double send; one without a commitment is none', async () => {
  const round = await chain.blockNumber();
  const reveal = async (wallet: Wallet): Promise<void> => {
    const args = [0, 1, ZeroHash, ZeroHash, new Uint8Array(PROOF_BYTES)];
    await rollup
      .connect(wallet)
      .getFunction('verifyBatches')
      .send(...args, { gasLimit: 5_000_000 });
    await chain.mine();
  };
  await reveal(rival);
  expect(await newestOf(rival, round)).toEqual({ error: 'NoOpenCommitment', isSecond: false });
  await reveal(miner);
  expect(await newestOf(miner, round)).toEqual({ error: undefined, isSecond: false });
  await reveal(miner);
  expect(await newestOf(miner, round)).toEqual({ error: 'NoOpenCommitment', isSecond: true });
});
