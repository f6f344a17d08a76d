import { Interface, Result } from 'ethers';
import { z } from 'zod';
import { COMMITMENT_STATES, ROLLUP_ABI } from '../../contracts/abi.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import { hex } from '../storage/database.js';
import type { ChainRpc } from './chain-rpc.js';

export const ROLLUP = new Interface(ROLLUP_ABI);

/** The contract says 2^64 - 1 for a block that is not known yet: infinite. */
const INFINITE = 2n ** 64n - 1n;

const block = z.bigint().transform(Number).pipe(z.number().int());
const blockOrInfinite = z.bigint().transform((value) => (value === INFINITE ? null : Number(value)));
const address = z.string();

/** `Terms` of the contract: windows in blocks, shares in basis points, amounts in wei. */
const terms = z.object({
  t1: block,
  t2: block,
  tMin: block,
  silenceShare: block,
  wrongProofShare: block,
  lateShare: block,
  minimumReserve: z.bigint(),
  /** The type rule. */
  rule: address,
  verificationGas: z.bigint(),
  blockTimeMs: block,
});

/** The contract's own view of a sequence and a miner, read in one call. Blocks are numbers, null stands for infinite. */
const sequenceFacts = z.object({
  blockNumber: block,
  parentHash: hex,
  posted: z.boolean(),
  postedBlock: block,
  /** Block from which Tmin counts: that of the posting, or the end of a pause before the round was opened. */
  tMinStart: block,
  accInputHash: hex,
  oldAccInputHash: hex,
  oldStateRoot: hex,
  lastVerifiedBatch: block,
  predecessorVerifiedBlock: blockOrInfinite,
  acceptedRound: block,
  acceptedBlock: block,
  acceptedStateRoot: hex,
  roundStart: block,
  revealStart: blockOrInfinite,
  revealEnd: blockOrInfinite,
  totalWeight: z.bigint(),
  acceptedWeight: z.bigint(),
  /** What accepted proofs share, or would share now. */
  pot: z.bigint(),
  termsVersion: block,
  terms,
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
  ownWeight: z.bigint(),
  ownReward: z.bigint(),
  failedRounds: z.array(block),
  stake: z.bigint(),
  freeStake: z.bigint(),
  openCommitments: block,
  maximumOpenCommitments: block,
  paused: z.boolean(),
  /** First batch that a scheduled roll back takes out, 0 if none is; and from which block on. */
  rollbackFirstBatch: block,
  rollbackBlock: block,
  /** Proposed settings may be applied from this block on; 0 if none are proposed. */
  settingsBlock: block,
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
  return sequenceFacts.parse(structOf(ROLLUP.decodeFunctionResult('sequenceView', answer)[0]));
}

/** The struct as a plain object: the terms in it, too, and the list of failed rounds as an array. */
function structOf(view: unknown): unknown {
  if (!(view instanceof Result)) return view;
  const fields = Object.entries(view.toObject());
  return Object.fromEntries(fields.map(([name, value]) => [name, plain(name, value)]));
}

function plain(name: string, value: unknown): unknown {
  if (!(value instanceof Result)) return value;
  return name === 'terms' ? value.toObject() : value.toArray();
}

const keys = z.tuple([z.array(z.tuple([z.bigint(), z.bigint()]))]);

/** A miner's commitments that are not settled, those of rounds that have ended and accepted ones among them. */
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
