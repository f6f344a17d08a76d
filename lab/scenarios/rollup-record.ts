import type { EventFragment, Result } from 'ethers';
import { z } from 'zod';
import { ROLLUP } from '../../activities/chain/rollup-facts.js';
import type { ScenarioChain } from './chain.js';
import type { ScenarioRollup } from './rollup.js';

/** Names a miner's part in a round. */
interface InRound {
  miner: string;
  /** Last batch of the sequence. */
  finalBatch: number;
  /** S: the block that opened the round. */
  round: number;
  /** Block of the event. */
  block: number;
}

/** All that a rollup's contract has told since its launch, in order, as the chain has it now. */
export interface RollupRecord {
  posted: { firstBatch: number; lastBatch: number; accInputHash: string; reward: bigint; block: number }[];
  commitments: (InRound & { proofHash: string; reserve: bigint })[];
  takenBack: InRound[];
  /** A proof in time has its share booked later, a late one has its reward at once. */
  accepted: (InRound & { late: boolean; lateReward: bigint })[];
  /** Shares of proofs in time. */
  booked: (InRound & { amount: bigint })[];
  penalties: (InRound & { kind: 'silence' | 'wrong proof'; amount: bigint })[];
  earmarked: { finalBatch: number; round: number; amount: bigint }[];
  verified: { firstBatch: number; lastBatch: number; firstProver: string; stateRoot: string; block: number }[];
}

const number = z.bigint().transform(Number);
const wei = z.bigint();
const inRound = z.object({ miner: z.string(), finalBatch: number, round: number });

const EVENTS = {
  posted: z.object({ firstBatch: number, lastBatch: number, accInputHash: z.string(), reward: wei }),
  commitments: inRound.extend({ proofHash: z.string(), reserve: wei }),
  takenBack: inRound,
  accepted: inRound.extend({ late: z.boolean(), lateReward: wei }),
  booked: inRound.extend({ amount: wei }),
  penalties: inRound.extend({
    kind: z.bigint().transform((kind) => (kind === 0n ? ('silence' as const) : ('wrong proof' as const))),
    amount: wei,
  }),
  earmarked: z.object({ finalBatch: number, round: number, amount: wei }),
  verified: z.object({ firstBatch: number, lastBatch: number, firstProver: z.string(), stateRoot: z.string() }),
};

interface ContractEvent {
  name: string;
  fields: Result;
  block: number;
}

/** By topic. `Interface.parseLog` hashes each event's signature anew for every log, and runs read theirs at every block. */
const FRAGMENTS = new Map<string, EventFragment>();
ROLLUP.forEachEvent((fragment) => FRAGMENTS.set(fragment.topicHash, fragment));

export async function readRollupRecord(chain: ScenarioChain, rollup: ScenarioRollup): Promise<RollupRecord> {
  const logs = await chain.provider.getLogs({ address: rollup.address, fromBlock: rollup.deployBlock });
  const events: ContractEvent[] = logs.flatMap(({ topics, data, blockNumber: block }) => {
    const fragment = FRAGMENTS.get(topics[0] ?? '');
    return fragment ? [{ name: fragment.name, fields: ROLLUP.decodeEventLog(fragment, data, topics), block }] : [];
  });
  return {
    posted: select(events, 'SequencePosted', EVENTS.posted),
    commitments: select(events, 'CommitmentMade', EVENTS.commitments),
    takenBack: select(events, 'CommitmentTakenBack', EVENTS.takenBack),
    accepted: select(events, 'ProofAccepted', EVENTS.accepted),
    booked: select(events, 'RewardBooked', EVENTS.booked),
    penalties: select(events, 'PenaltyBooked', EVENTS.penalties),
    earmarked: select(events, 'RewardEarmarked', EVENTS.earmarked),
    verified: select(events, 'SequenceVerified', EVENTS.verified),
  };
}

function select<T extends object>(
  events: readonly ContractEvent[],
  name: string,
  schema: z.ZodType<T>,
): (T & { block: number })[] {
  return events
    .filter((event) => event.name === name)
    .map(({ fields, block }) => ({ ...schema.parse(fields.toObject()), block }));
}
