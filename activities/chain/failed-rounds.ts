import { zeroPadValue, toBeHex } from 'ethers';
import { z } from 'zod';
import { COMMITMENT_STATES } from '../../contracts/abi.js';
import type { BlockRef } from '../../domain/sequence-view.js';
import type { Hex, SequenceIdentity } from '../../domain/sequence.js';
import type { ChainRpc } from './chain-rpc.js';
import { pagesOf } from './log-pages.js';
import { ROLLUP } from './rollup-facts.js';

/**
 * How many rounds of ours failed one after the other, up to now: settled or not, by silence or by a wrong proof. Read
 * from the contract's events, so that it is known with an empty database, too.
 */
export async function countFailedRoundsInARow(
  rpc: ChainRpc,
  { rollup, lastBatch }: SequenceIdentity,
  miner: string,
  { postedBlock, unsettled, head }: { postedBlock: number; unsettled: readonly number[]; head: BlockRef },
): Promise<number> {
  const event = ROLLUP.getEvent('CommitmentMade')?.topicHash ?? '';
  const topics = [event, zeroPadValue(miner, 32), toBeHex(lastBatch, 32)];
  let failed = 0;
  for (const blocks of pagesOf({ from: postedBlock, to: head.number }).reverse()) {
    const made = await rpc.logs({ addresses: [rollup], topics, blocks });
    for (const commitment of made.reverse()) {
      const round = Number(commitment.topics[3]);
      // The view says what failed by the next block, the contract's other readings only what failed by this one.
      const state = unsettled.includes(round)
        ? 'failed'
        : await commitmentState(rpc, rollup, [miner, lastBatch, round], head.hash);
      if (state === 'failed' || state === 'wrong') failed += 1;
      // Taken back or still open: no round of ours that failed, and none that went well.
      else if (state === 'accepted' || state === 'late') return failed;
    }
  }
  return failed;
}

async function commitmentState(rpc: ChainRpc, rollup: string, args: unknown[], blockHash: Hex) {
  const data = ROLLUP.encodeFunctionData('commitmentState', args);
  const answer = await rpc.call({ to: rollup, data }, { blockHash });
  const [state] = z.tuple([z.bigint()]).parse(ROLLUP.decodeFunctionResult('commitmentState', answer).toArray());
  return COMMITMENT_STATES[Number(state)];
}
