import { getAddress, Interface, isError, ZeroAddress } from 'ethers';
import { z } from 'zod';
import { RULE_ABI } from '../../contracts/abi.js';
import type { Hex, RollupRef } from '../../domain/sequence.js';
import type { RollupGenesis } from '../../domain/rollup-type.js';
import { hex, type Database } from '../storage/database.js';
import { insertRollup, selectRollup } from '../storage/rollups.js';
import { CallRevertedError, type ChainRpc } from './chain-rpc.js';
import { requireSameBlockNumbers } from './block-numbers.js';
import { readSequenceFacts, ROLLUP } from './rollup-facts.js';

/** What every rollup type's rule has. */
export const RULE = new Interface(RULE_ABI);

/** There is no rollup at an address: it was mistyped, or belongs to another chain. */
export class NoContractError extends Error {
  override readonly name = 'NoContractError';
}

export const ZERO_HASH: Hex = `0x${'0'.repeat(64)}`;

/** What a rollup's contract says of itself that decides how it is proved. */
export interface RollupEntry {
  rollupType: string;
  proofSystem: string;
  launchBlock: number;
}

const uint = z.bigint().transform(Number);

/**
 * Reads a rollup's type, proof system and launch block.
 *
 * @throws NoContractError if the address holds no `ZkPowRollup`
 * @throws OtherBlockNumbersError if contracts of this chain see other block numbers than its RPC endpoints
 */
export async function readRollupEntry(rpc: ChainRpc, { chainId, rollup }: RollupRef): Promise<RollupEntry> {
  if ((await rpc.code(rollup)) === '0x') {
    throw new NoContractError(
      `There is no contract at ${rollup} on chain ${chainId}: check the rollup's address and ZKPOW_RPC_URL`,
    );
  }
  const read = async <T>(name: 'rollupType' | 'launchBlock' | 'typeRule', schema: z.ZodType<T>): Promise<T> => {
    try {
      const data = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData(name) }, 'latest');
      if (data !== '0x') return schema.parse(ROLLUP.decodeFunctionResult(name, data).toArray()[0]);
    } catch (error) {
      // Another contract refuses what it does not know, or answers something else. An endpoint that fails is no answer.
      const isAnswer = error instanceof CallRevertedError || isError(error, 'BAD_DATA') || error instanceof z.ZodError;
      if (!isAnswer) throw error;
    }
    throw new NoContractError(
      `The contract at ${rollup} on chain ${chainId} is no ZkPowRollup (it has no ${name}): give the address of a rollup ` +
        '(--rollup or ZKPOW_ROLLUP), not of its pool, factory or type rule',
    );
  };
  const [rollupType, launchBlock, rule] = await Promise.all([
    read('rollupType', z.string()),
    read('launchBlock', uint),
    read('typeRule', z.string()),
  ]);
  const answer = await rpc.call({ to: rule, data: RULE.encodeFunctionData('proofSystem') }, 'latest');
  const proofSystem = z.string().parse(RULE.decodeFunctionResult('proofSystem', answer).toArray()[0]);
  const head = await rpc.latest();
  const facts = await readSequenceFacts(rpc, { chainId, rollup, firstBatch: 1, lastBatch: 1 }, ZeroAddress, head.hash);
  requireSameBlockNumbers(chainId, facts, head);
  return { rollupType, proofSystem, launchBlock };
}

/** Reads a rollup's first state, told by an event in the block of its launch. */
export async function readGenesis(
  rpc: ChainRpc,
  { chainId, rollup }: RollupRef,
  launchBlock: number,
): Promise<RollupGenesis> {
  const [log] = await rpc.logs({
    addresses: [rollup],
    topics: [ROLLUP.getEvent('Genesis')?.topicHash ?? ''],
    blocks: { from: launchBlock, to: launchBlock },
  });
  if (!log) throw new Error(`The rollup ${rollup} on chain ${chainId} has no Genesis event in block ${launchBlock}`);
  const values: unknown[] = ROLLUP.decodeEventLog('Genesis', log.data, log.topics).toArray();
  const [stateRoot, data] = values;
  return { stateRoot: hex.parse(stateRoot), accInputHash: ZERO_HASH, data: hex.parse(data) };
}

/** Makes sure that a rollup's postings are read from now on; whether it is followed is another matter. */
export async function ensureRollupIsRead(
  db: Database,
  rpc: ChainRpc,
  { chainId, rollup }: RollupRef,
  { startBatch, following }: { startBatch: number; following: boolean },
): Promise<void> {
  if (await selectRollup(db, { chainId, rollup })) return;
  const { rollupType, launchBlock: fromBlock } = await readRollupEntry(rpc, { chainId, rollup });
  await insertRollup(db, { chainId, rollup: getAddress(rollup), rollupType, fromBlock, startBatch, following });
}
