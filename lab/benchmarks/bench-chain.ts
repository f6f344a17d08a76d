import { Context } from '@temporalio/activity';
import type { ChainActivities } from '../../domain/chain-activities.js';
import type { FinalProofStore } from '../../activities/storage/final-proof-store.js';
import { withHeartbeat } from '../../activities/heartbeat.js';
import { mappingFailures } from '../../activities/failures.js';
import { BENCH_MINER, BENCH_RULES } from './bench-rollup.js';
import type { PostedSequence, SequenceIdentity } from '../../domain/sequence.js';
import type { SequenceView } from '../../domain/sequence-view.js';

/**
 * The base chain's activities without a chain: all sequences are posted at the beginning, and one counts as accepted as
 * soon as its final proof is stored. Blocks and transactions would only add their own waiting to what is measured; all
 * that the Proof Generator asks of the chain is asked here too, by as many activities.
 */
export function createBenchChain(sequences: readonly SequenceIdentity[], finals: FinalProofStore): ChainActivities {
  return {
    describeRollup: async () => BENCH_RULES,
    waitForSequences: mappingFailures(async ({ rollup, startBatch, after }) => {
      const from = after ? after.lastBatch + 1 : startBatch;
      const next = sequences.filter((sequence) => sequence.rollup === rollup && sequence.firstBatch >= from);
      return next.length > 0 ? next.map(posted) : untilCancelled('waiting for sequences');
    }),
    readSequenceView: async ({ sequence }) => viewOf((await finals.newestFit(sequence, BENCH_MINER)) !== null),
    waitForChange: mappingFailures(() => untilCancelled('waiting for a change')),
    expectedTimeUntilBlock: async ({ block }) => ({ head: block, timeMs: 0 }),
  };
}

function posted(sequence: SequenceIdentity): PostedSequence {
  return { ...sequence, blockNumber: 1, transactionHash: '0x' };
}

function viewOf(isProved: boolean): SequenceView {
  return {
    head: { number: 1, hash: '0x' },
    stale: false,
    posted: true,
    absenceFinal: false,
    accepted: isProved ? 'own' : 'none',
    acceptedFinal: isProved,
    acceptedBlock: isProved ? 1 : null,
    round: null,
    own: isProved ? 'accepted' : 'none',
    ownRound: null,
    unsettledRounds: [],
    freeStakeWei: '1',
    reserveWei: '0',
    termsVersion: 1,
    offer: { lossWei: '0', t1Blocks: 1, t2Blocks: 1, revealNotBefore: 0, rewardWei: null, gasCostWei: null },
    limits: { largestLossWei: null, shortestT2Blocks: null, leastRewardPerGasCost: null, waitsForChanges: false },
    rollbackBlock: null,
    settingsBlock: null,
    openCommitments: 0,
    maximumOpenCommitments: 1,
    paused: 'no',
    finalProofStored: isProved,
    storedProofMatchesOwnHash: isProved,
    verifierSays: 'not-asked',
    typeTrusted: true,
    simulatedReveal: 'not-asked',
    inFlight: null,
    nextTry: 1,
    failedRoundsInARow: 0,
    marginBlocks: 0,
    lateRevealWorthItsGas: false,
  };
}

/** As a reader of a chain on which nothing happens. */
function untilCancelled(stage: string): Promise<never> {
  return withHeartbeat(
    () => ({ stage }),
    () => Context.current().cancelled,
  );
}
