import type { ErrorDescription } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import { COMMITMENT_STATES } from '../../contracts/abi.js';
import type { ScenarioChain } from './chain.js';
import type { RollupRecord } from './rollup-record.js';
import type { MinedTransaction } from './wallet-transactions.js';

const trace = z.object({ output: z.string().default('0x') });
const topCallOnly = { tracer: 'callTracer', tracerConfig: { onlyTopCall: true } };

/** What a mined transaction reverted with, in its place in its block; null where that was no error of the contracts. */
export async function readRevert(
  chain: Pick<ScenarioChain, 'rpc'>,
  { hash }: Pick<MinedTransaction, 'hash'>,
): Promise<ErrorDescription | null> {
  const { output } = trace.parse(await chain.rpc('debug_traceTransaction', [hash, topCallOnly]));
  return output.length < 10 ? null : ROLLUP.parseError(output);
}

/** A commitment of ours is in one of these once what it takes was done: whatever comes then came twice. */
const DONE: readonly string[] = ['wrong', 'takenBack', 'accepted'];

/**
 * Whether a transaction failed because the wallet had sent the same step before, under whatever row: a second hash for
 * a round, or a second proof. The contract refuses both, so a second one never succeeds. To have lost a race (a window
 * that has closed, a round that others ended) is no such thing.
 *
 * @param commitments all that the rollup's contract has told of
 */
export function isSecondSend(
  { call, block }: Pick<MinedTransaction, 'call' | 'block'>,
  error: ErrorDescription | null,
  wallet: string,
  commitments: RollupRecord['commitments'],
): boolean {
  switch (error?.name) {
    case 'AlreadyCommitted':
      return true;
    case 'NoOpenCommitment':
      return DONE.includes(COMMITMENT_STATES[Number(error.args.getValue('state'))] ?? '');
    case 'HashWindowClosed':
    case 'AlreadyVerified': {
      // The round that was open or accepted then: the newest of the sequence.
      const earlier = commitments.filter((c) => c.finalBatch === call?.finalBatch && c.block <= block);
      const newest = Math.max(...earlier.map(({ round }) => round));
      return earlier.some(({ miner, round }) => round === newest && miner === wallet);
    }
    case undefined:
    default:
      return false;
  }
}
