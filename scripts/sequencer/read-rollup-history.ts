import { getAddress, type BaseContract, type EventLog, type Log, type Provider } from 'ethers';
import { z } from 'zod';
import { pagesOf } from '../../activities/chain/log-pages.js';
import { decodePostedBatches, numberBatches } from '../../activities/chain/posted-batches.js';
import type { PostedBatch, RollupGenesis, RollupType } from '../../domain/rollup-type.js';
import { findRollupType } from '../../rollup-types/registry.js';
import type { RollupHistory } from '../../domain/type-sequencer.js';
import type { Hex, PostedSequence, RollupRef } from '../../domain/sequence.js';
import { asHex, isEvent, postedSequence, rollupContract } from './rollup-contract.js';

const ZERO_HASH: Hex = `0x${'0'.repeat(64)}`;

/** @throws Error naming what is missing at the address, or what cannot be read. */
export async function readRollupHistory(provider: Provider, address: string): Promise<RollupHistory> {
  const { chainId } = await provider.getNetwork();
  const rollup: RollupRef = { chainId: Number(chainId), rollup: getAddress(address) };
  const contract = rollupContract(rollup.rollup, provider);
  const { launchBlock, type } = await describe(contract, rollup, provider);
  const head = await provider.getBlock('latest');
  if (!head) throw new Error(`Chain ${rollup.chainId} has no blocks`);

  const genesis = readGenesis(rollup, await contract.queryFilter('Genesis', launchBlock, launchBlock));
  const postings: PostedSequence[] = [];
  for (const { from, to } of pagesOf({ from: launchBlock, to: head.number })) {
    applyPostings(postings, rollup, await contract.queryFilter('*', from, to));
  }
  const batches: PostedBatch[] = [];
  for (const posting of postings) {
    batches.push(...(await readPosting(provider, posting, batches.at(-1)?.accInputHash ?? ZERO_HASH, type)));
  }
  return { rollup, genesis, batches, timestamp: head.timestamp };
}

/** Name of a rollup's type. @throws Error naming what is missing at the address */
export async function readRollupType(provider: Provider, address: string): Promise<string> {
  const { chainId } = await provider.getNetwork();
  const rollup = { chainId: Number(chainId), rollup: getAddress(address) };
  return (await describe(rollupContract(rollup.rollup, provider), rollup, provider)).type.name;
}

async function describe(
  contract: BaseContract,
  { chainId, rollup }: RollupRef,
  provider: Provider,
): Promise<{ launchBlock: number; type: RollupType }> {
  if ((await provider.getCode(rollup)) === '0x') {
    throw new Error(
      `There is no contract at ${rollup} on chain ${chainId}: check the rollup's address and the RPC URL`,
    );
  }
  let name: string, launchBlock: bigint;
  try {
    name = z.string().parse(await contract.getFunction('rollupType')());
    launchBlock = z.bigint().parse(await contract.getFunction('launchBlock')());
  } catch (error) {
    throw new Error(`The contract at ${rollup} on chain ${chainId} is no ZkPowRollup`, { cause: error });
  }
  return { launchBlock: Number(launchBlock), type: findRollupType(name) };
}

function readGenesis({ chainId, rollup }: RollupRef, logs: (EventLog | Log)[]): RollupGenesis {
  const event = logs.find((log) => isEvent(log, 'Genesis'));
  if (!event) throw new Error(`The rollup ${rollup} on chain ${chainId} has no Genesis event in its launch block`);
  const [stateRoot, data] = z.tuple([z.string(), z.string()]).parse(event.args.toArray());
  return { stateRoot: asHex(stateRoot), accInputHash: ZERO_HASH, data: asHex(data) };
}

/** Puts what was posted at the end of `postings`, and takes from there what was rolled back: newest first. */
function applyPostings(postings: PostedSequence[], rollup: RollupRef, logs: (EventLog | Log)[]): void {
  for (const log of logs) {
    if (isEvent(log, 'SequencePosted')) postings.push(postedSequence(rollup, log));
    if (isEvent(log, 'SequenceRolledBack')) postings.pop();
  }
}

async function readPosting(
  provider: Provider,
  { transactionHash, firstBatch, accInputHash }: PostedSequence,
  previousAccInputHash: Hex,
  { accumulate }: RollupType,
): Promise<PostedBatch[]> {
  const transaction = await provider.getTransaction(transactionHash);
  if (!transaction)
    throw new Error(`The RPC does not know transaction ${transactionHash}, which posted batch ${firstBatch}`);
  const contents = decodePostedBatches(asHex(transaction.data));
  const batches = numberBatches(contents, { firstBatch, previousAccInputHash, accumulate });
  const computed = batches.at(-1)?.accInputHash;
  if (computed !== accInputHash) {
    throw new Error(
      `The data posted by ${transactionHash} hashes to ${computed}, but the rollup says ${accInputHash}: ` +
        'the RPC gave another transaction or left out an event',
    );
  }
  return batches;
}
