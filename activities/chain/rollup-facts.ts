import { Interface, Result } from 'ethers';
import { z } from 'zod';
import { COMMITMENT_STATES, ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex, SequenceIdentity } from '../../workflows/domain/sequence.js';
import { hex } from '../storage/database.js';
import type { ChainRpc } from './chain-rpc.js';

export const ROLLUP = new Interface(ROLLUP_ABI);

/** The contract says 2^64 - 1 for a block that is not known yet: infinite. */
const INFINITE = 2n ** 64n - 1n;

const block = z.bigint().transform(Number).pipe(z.number().int());
const blockOrInfinite = z.bigint().transform((value) => (value === INFINITE ? null : Number(value)));
const address = z.string();

/** The contract's own view of a sequence and a miner, read in one call. Blocks are numbers, null stands for infinite. */
const sequenceFacts = z.object({
  blockNumber: block,
  parentHash: hex,
  posted: z.boolean(),
  postedBlock: block,
  accInputHash: hex,
  oldAccInputHash: hex,
  oldStateRoot: hex,
  lastVerifiedBatch: block,
  predecessorVerifiedBlock: blockOrInfinite,
  acceptedRound: block,
  acceptedBlock: block,
  firstProver: address,
  acceptedStateRoot: hex,
  roundStart: block,
  revealStart: blockOrInfinite,
  revealEnd: blockOrInfinite,
  t1: block,
  t2: block,
  silencePenalty: z.bigint(),
  minimumDeposit: z.bigint(),
  verifier: address,
  ownRound: block,
  ownProofHash: hex,
  ownState: block
    .pipe(
      z
        .number()
        .min(0)
        .max(COMMITMENT_STATES.length - 1),
    )
    .transform((index) => COMMITMENT_STATES[index]),
  ownReward: z.bigint(),
  failedRounds: z.array(block),
  freeDeposit: z.bigint(),
  openCommitments: block,
  maximumOpenCommitments: block,
  paused: z.boolean(),
});

export type SequenceFacts = z.infer<typeof sequenceFacts>;

/** Reads all chain fields about one sequence and one miner in one call, at one block. */
export async function readSequenceFacts(
  rpc: ChainRpc,
  { rollup, firstBatch, lastBatch }: Omit<SequenceIdentity, 'accInputHash'>,
  miner: string,
  blockHash: Hex,
): Promise<SequenceFacts> {
  const data = ROLLUP.encodeFunctionData('sequenceView', [firstBatch - 1, lastBatch, miner]);
  const answer = await rpc.call({ to: rollup, data }, { blockHash });
  return sequenceFacts.parse(structOf(ROLLUP.decodeFunctionResult('sequenceView', answer)));
}

/** The only value of a result, a struct, as a plain object. */
function structOf(result: Result): unknown {
  const struct: unknown = result[0];
  if (!(struct instanceof Result)) return struct;
  // Not `toObject(true)`: of an empty list that would make an object.
  const fields = Object.entries(struct.toObject());
  return Object.fromEntries(fields.map(([name, value]) => [name, value instanceof Result ? value.toArray() : value]));
}

const keys = z.tuple([z.array(z.tuple([z.bigint(), z.bigint()]))]);

/** A miner's commitments that still hold a reserve, those of rounds that have ended among them. */
export async function readReservingCommitments(
  rpc: ChainRpc,
  rollup: string,
  miner: string,
): Promise<{ finalBatch: number; round: number }[]> {
  const answer = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData('openCommitments', [miner]) }, 'latest');
  const [listed] = keys.parse(ROLLUP.decodeFunctionResult('openCommitments', answer).toArray(true));
  return listed.map(([finalBatch, round]) => ({ finalBatch: Number(finalBatch), round: Number(round) }));
}

/** Last batch whose sequence is verified, 0 at the start. */
export async function readLastVerifiedBatch(
  rpc: ChainRpc,
  rollup: string,
  at: { blockHash: Hex } | 'latest' = 'latest',
): Promise<number> {
  const answer = await rpc.call({ to: rollup, data: ROLLUP.encodeFunctionData('lastVerifiedBatch') }, at);
  return block.parse(ROLLUP.decodeFunctionResult('lastVerifiedBatch', answer).toArray()[0]);
}
