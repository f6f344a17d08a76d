import { z } from 'zod';
import { selectRows } from '../../activities/storage/database.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { skipDeadRound } from './dead-rounds.js';
import { emptyTemporal } from './empty-temporal.js';
import { loseFinalProofs } from './lose-final-proofs.js';
import type { Miner } from './miner.js';
import { lastVerifiedBatch } from './outcome.js';
import type { Field } from './field.js';
import { commitmentsTo, factsOf } from './progress.js';
import { DEEPEST_REORG, killFor, type Fault } from './random-faults.js';
import type { RollupRecord } from './rollup-record.js';

const WITHIN_BLOCKS = 2_000;

/** Faults after which something is gone for good; each is drawn once at most, so that no sequence fails three rounds. */
export const LOSSES: Record<string, Fault> = {
  /** All that is stored when a hash has just been mined. */
  async finalProofLost({ field, miner, sender, others, postings, excuses }) {
    const sequence = await postings.post();
    if (!(await ownHashOf(field, miner, sequence))) return;
    await others.kill();
    await sender.kill();
    for (const proofHash of await loseFinalProofs(miner)) excuses.lostHashes.add(proofHash);
    await others.start();
    await sender.start();
  },

  async temporalEmptied({ arena, field, miner, sender, others, random }) {
    await killFor(field, [others, sender], random, () => emptyTemporal(arena, miner));
  },

  /** Down from before the first block in which a proof could be revealed until after the last. */
  async windowMissed({ field, miner, sender, postings, excuses, honest, allVerified }) {
    const { chain } = field;
    await allVerified();
    const sequence = await postings.post();
    const hash = await ownHashOf(field, miner, sequence);
    if (!hash) return;
    const { round } = hash;
    await sender.kill();
    const { revealStart, revealEnd } = await factsOf(field, sequence, miner.wallet.address);
    // On a machine that stands still for so long, this was a kill in mid-window.
    if (revealStart !== null && revealEnd !== null && (await chain.head()) + 1 < revealStart) {
      await chain.untilBlock(revealStart);
      excuses.missedRounds.push({ finalBatch: sequence.lastBatch, round });
      await chain.until('the round to end', revealEnd, async () => {
        await skipDeadRound(field, postings, honest, excuses);
        const isOver = (await chain.head()) + 1 >= revealEnd;
        return isOver || (await lastVerifiedBatch(field)) >= sequence.lastBatch ? true : null;
      });
    }
    await sender.start();
  },

  /** A second sender waits; the first is killed. */
  senderReplaced: ({ miner, sender }) => sender.replace(() => secondSenderWaits(miner)),

  /** A reorg takes a posting away, and the sequencer posts other data in its place. */
  async otherDataPosted({ field: { chain }, random, postings }) {
    const { blockNumber } = await postings.post();
    await chain.untilBlock(blockNumber + random.below(DEEPEST_REORG - 1));
    const release = await chain.clock.hold();
    const depth = (await chain.head()) - blockNumber + 1;
    if (depth <= DEEPEST_REORG) await chain.rpc('anvil_reorg', [depth, []]);
    release();
    if (depth <= DEEPEST_REORG) await postings.replaceLast();
  },
};

/** Waits for the miner's proofHash of a sequence; null where a rival's proof is accepted before it comes. */
async function ownHashOf(
  field: Field,
  { wallet }: Miner,
  sequence: SequenceIdentity,
): Promise<RollupRecord['commitments'][number] | null> {
  const { lastBatch } = sequence;
  const { hash } = await field.chain.until(`a hash of batch ${lastBatch}, or its proof`, WITHIN_BLOCKS, async () => {
    const [own] = await commitmentsTo(field, wallet.address, sequence);
    if (own) return { hash: own };
    return (await lastVerifiedBatch(field)) >= lastBatch ? { hash: null } : null;
  });
  return hash;
}

const SENDERS = `SELECT EXISTS (SELECT FROM pg_locks
    WHERE pg_locks.pid = activity.pid AND locktype = 'advisory' AND granted) AS leads
  FROM pg_stat_activity AS activity WHERE datname = current_database() AND application_name LIKE 'zkpow sender %'`;

async function secondSenderWaits({ pool }: Miner): Promise<boolean> {
  const senders = await selectRows(pool, z.object({ leads: z.boolean() }), SENDERS);
  return senders.some(({ leads }) => leads) && senders.some(({ leads }) => !leads);
}
