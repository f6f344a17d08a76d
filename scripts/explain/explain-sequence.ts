import { join } from 'node:path';
import { z } from 'zod';
import { createSequenceViewReader } from '../../activities/chain/sequence-view-reader.js';
import { createStepRows } from '../../activities/sender/step-rows.js';
import { attemptsOf, transactionsOf, type Attempt, type Transaction } from '../../activities/sender/transactions.js';
import { createFinalProofStore } from '../../activities/storage/final-proof-store.js';
import { minerPolicy, policySettings } from '../../platform/settings/policy-settings.js';
import { settings } from '../../platform/settings/settings-table.js';
import { readSettings } from '../../platform/settings/settings.js';
import { decide, type Decision } from '../../domain/decide.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import { forgiveRounds, type SequenceProgress } from '../../domain/sequence-progress.js';
import type { SequenceView } from '../../domain/sequence-view.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import type { CommandParts } from '../../local-stack/mining/command-parts.js';
import { askProgress } from '../sequence/ask-progress.js';

/** What the referee says of a sequence at one block, all it looked at, and what was sent so far. JSON-safe. */
export interface Explanation {
  workflowId: string;
  sequence: SequenceIdentity;
  miner: string;
  /** What its workflow says of itself; null where there is none or no aggregator answers. */
  progress: SequenceProgress | null;
  decision: Decision;
  view: SequenceView;
  transactions: ExplainedTransaction[];
}

/** Fees in wei a gas as decimal strings. */
export type ExplainedTransaction = Omit<Transaction, 'sequence' | 'feeCapWei'> & {
  feeCapWei: string | null;
  attempts: ExplainedAttempt[];
};
export type ExplainedAttempt = Pick<Attempt, 'hash' | 'nonce' | 'purpose' | 'signedAtBlock' | 'heldSinceBlock'> & {
  maxFeePerGas: string;
};

const wanted = settings
  .pick({ home: true, miner: true, confirmations: true, marginBlocks: true })
  .extend(z.object(policySettings).partial().shape);

/** Reads a sequence as its workflow does, at the newest block. */
export async function explainSequence(
  { env, pool, rpc, client }: Pick<CommandParts, 'env' | 'pool' | 'rpc' | 'client'>,
  sequence: SequenceIdentity,
): Promise<Explanation> {
  const given = readSettings(env, wanted);
  const { home, miner, confirmations, marginBlocks } = given;
  const views = createSequenceViewReader({
    ...{ pool, confirmations, marginBlocks },
    reader: { rpc, freshHead: () => rpc.latest() },
    finals: createFinalProofStore(pool, join(home, 'final-proofs')),
    steps: createStepRows(pool),
    policyFor: (decimals) => minerPolicy(given, decimals),
  });
  const view = await views.readView(sequence, miner);
  const transactions: ExplainedTransaction[] = [];
  for (const { sequence: _same, feeCapWei, ...row } of await transactionsOf(pool, sequence, miner)) {
    const attempts = await attemptsOf(pool, row.id);
    transactions.push({
      ...row,
      feeCapWei: feeCapWei === null ? null : String(feeCapWei),
      attempts: attempts.map(({ hash, nonce, purpose, signedAtBlock, heldSinceBlock, maxFeePerGas }) => ({
        ...{ hash, nonce, purpose, signedAtBlock, heldSinceBlock },
        maxFeePerGas: String(maxFeePerGas),
      })),
    });
  }
  const workflowId = sequenceWorkflowId(sequence);
  const progress = await askProgress(client, workflowId);
  const decision = decide(progress ? forgiveRounds(view, progress) : view);
  return { workflowId, sequence, miner, progress, decision, view, transactions };
}
