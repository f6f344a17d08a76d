import { Transaction as EthersTransaction } from 'ethers';
import { describeBroadcast, judgeBroadcast, type BroadcastVerdict } from './broadcast.js';
import type { SenderContext } from './sender-context.js';
import { aboutStep } from './step-log.js';
import { markHeld, markTaken } from './transaction-states.js';
import type { Attempt, Transaction } from './transactions.js';

/**
 * Hands bytes that are in the database to the endpoints. Their answers move no row on; they say what the next offer has to
 * be, and what is in the step's way.
 *
 * @param head block number
 */
export async function handToEndpoints(
  context: SenderContext,
  row: Transaction,
  attempt: Attempt,
  head: number,
): Promise<BroadcastVerdict> {
  const { rpc, log, leadership, holdUps, nodeFeeCap, metrics } = context;
  const answers = await rpc.broadcast(attempt.raw);
  const verdict = judgeBroadcast(answers);
  for (const { said } of answers) metrics.broadcastAnswered(said);
  const { hash, nonce, purpose, maxFeePerGas, raw } = attempt;
  const about = { ...aboutStep(row), nonce, hash, purpose };
  if (verdict.kind === 'held') {
    log.info(about, 'broadcast');
    if (answers.some(({ said }) => said === 'taken')) await markTaken(leadership.database, hash, head);
    else await markHeld(leadership.database, [hash], head);
    return verdict;
  }
  log.debug({ ...about, answers }, 'broadcast, and no endpoint has it');
  if (verdict.kind === 'over-fee-cap') {
    const costWei = EthersTransaction.from(raw).gasLimit * maxFeePerGas;
    nodeFeeCap.learn({ costWei, capWei: verdict.capWei }, head);
  }
  await holdUps.report(row, describeBroadcast(answers));
  return verdict;
}
