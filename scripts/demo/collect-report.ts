import { Contract, type JsonRpcApiProvider, type Log, type TransactionReceipt } from 'ethers';
import { z } from 'zod';
import { createChainRpc } from '../../activities/chain/chain-rpc.js';
import type { EndpointPool } from '../../activities/chain/endpoints/endpoint-pool.js';
import { readSequenceFacts, type SequenceFacts } from '../../activities/chain/rollup-facts.js';
import { demoType } from '../../rollup-types/registry.js';
import { safeInteger, selectRows, type Database } from '../../activities/storage/database.js';
import { proofKind } from '../../activities/storage/proof-tasks.js';
import { ROLLUP_ABI } from '../../contracts/abi.js';
import type { SequenceOutcome } from '../../domain/decide.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { Hex, PostedSequence } from '../../domain/sequence.js';
import { readRollupHistory } from '../sequencer/read-rollup-history.js';
import type { Deployment } from '../../local-stack/mining/deployment-file.js';
import type { ProofReport, SequenceReport } from './demo-report.js';
import { batchesName } from './progress-text.js';

export interface CollectOptions {
  provider: JsonRpcApiProvider;
  endpoints: EndpointPool;
  db: Database;
  deployment: Deployment;
}

/** Reads from chain and database, not from the workflows, what became of sequences that were verified. */
export async function collectSequenceReports(
  sequences: readonly { posted: PostedSequence; outcome: SequenceOutcome }[],
  options: CollectOptions,
): Promise<SequenceReport[]> {
  const roots = await replayedRoots(options);
  return Promise.all(
    sequences.map(({ posted, outcome }) => collectOne(posted, outcome, roots.get(posted.lastBatch) ?? 'none', options)),
  );
}

async function collectOne(
  posted: PostedSequence,
  outcome: SequenceOutcome,
  replayedStateRoot: string,
  options: CollectOptions,
): Promise<SequenceReport> {
  const { provider, endpoints, db, deployment } = options;
  const { firstBatch, lastBatch, blockNumber: postedBlock } = posted;
  const { miner, rollup } = deployment;
  const rpc = createChainRpc(endpoints);
  const contract = new Contract(rollup, ROLLUP_ABI, provider);
  // Only the newest state is asked for: full nodes keep that of the last 128 blocks.
  const facts = await readSequenceFacts(rpc, posted, miner, (await rpc.latest()).hash);
  const { acceptedRound: roundBlock, revealStart, revealEnd } = facts;
  if (roundBlock === 0) throw new Error(`The chain tells of no accepted round for ${batchesName(posted)}`);
  const [commit, reveal, stateRoot, proofs] = await Promise.all([
    receiptOf(contract, 'CommitmentMade', [miner, lastBatch, roundBlock], posted),
    receiptOf(contract, 'ProofAccepted', [miner, lastBatch, roundBlock], posted),
    contract
      .getFunction('batchNumToStateRoot')(lastBatch)
      .then((root: unknown) => z.string().parse(root)),
    readProofs(db, posted),
  ]);
  return {
    ...{ firstBatch, lastBatch, workflowId: sequenceWorkflowId(posted), stateRoot, replayedStateRoot },
    ...{ roundBlock, revealStart: revealStart ?? 0, revealEnd: revealEnd ?? 0, postedBlock },
    ...{ hashTx: commit.receipt.hash, hashBlock: commit.receipt.blockNumber },
    ...{ proofTx: reveal.receipt.hash, proofBlock: reveal.receipt.blockNumber },
    gasUsed: String(commit.receipt.gasUsed + reveal.receipt.gasUsed),
    hashGasUsed: String(commit.receipt.gasUsed),
    proofGasUsed: String(reveal.receipt.gasUsed),
    rewardWei: String(await rewardOf(contract, facts, reveal.log)),
    ...{ proofs, outcome },
  };
}

/** One event of ours about a sequence, and the transaction that made it. */
async function receiptOf(
  contract: Contract,
  event: 'CommitmentMade' | 'ProofAccepted',
  topics: [miner: string, lastBatch: number, round: number],
  posted: PostedSequence,
): Promise<{ log: Log; receipt: TransactionReceipt }> {
  const filter = contract.getEvent(event)(...topics);
  const [log] = await contract.queryFilter(filter, posted.blockNumber);
  const receipt = await log?.getTransactionReceipt();
  if (!log || !receipt) throw new Error(`The chain tells of no ${event} by ${topics[0]} for ${batchesName(posted)}`);
  return { log, receipt };
}

/** A share of the pot as it stands until it is booked, and as it was booked; what a late proof was paid. */
async function rewardOf(contract: Contract, { ownReward }: SequenceFacts, accepted: Log): Promise<bigint> {
  const event = contract.interface.parseLog(accepted);
  if (!event) throw new Error('An acceptance that cannot be read');
  const { miner, finalBatch, round, late, lateReward } = acceptance.parse(event.args.toObject());
  if (late) return lateReward;
  const filter = contract.getEvent('RewardBooked')(miner, finalBatch, round);
  const [log] = await contract.queryFilter(filter, accepted.blockNumber);
  const booked = log && contract.interface.parseLog(log);
  return booked ? z.bigint().parse(booked.args.getValue('amount')) : ownReward;
}

const acceptance = z.object({
  ...{ miner: z.string(), finalBatch: z.bigint(), round: z.bigint(), late: z.boolean(), lateReward: z.bigint() },
});

const proofRow = z
  .object({
    kind: proofKind,
    first_batch: safeInteger,
    last_batch: safeInteger,
    accepted_seconds: z.number(),
  })
  .transform((row): ProofReport => ({
    kind: row.kind,
    from: row.first_batch,
    to: row.last_batch,
    seconds: row.accepted_seconds,
  }));

function readProofs(db: Database, { chainId, rollup, firstBatch, lastBatch }: PostedSequence): Promise<ProofReport[]> {
  return selectRows(
    db,
    proofRow,
    `SELECT kind, first_batch, last_batch, accepted_seconds FROM proof_tasks
     WHERE chain_id = $1 AND rollup = $2 AND first_batch >= $3 AND last_batch <= $4 AND accepted_at IS NOT NULL
     ORDER BY accepted_at`,
    [chainId, rollup, firstBatch, lastBatch],
  );
}

/** The state root after each batch, from replaying what was posted. */
async function replayedRoots({ provider, deployment }: CollectOptions): Promise<Map<number, Hex>> {
  const { rollup, genesis, batches } = await readRollupHistory(provider, deployment.rollup);
  const replay = demoType.type.openReplay(rollup, genesis);
  const roots = new Map<number, Hex>();
  for (const batch of batches) {
    await replay.apply(batch);
    roots.set(batch.batchNumber, replay.stateRoot);
  }
  return roots;
}
