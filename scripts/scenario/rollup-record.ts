import type { LogDescription } from 'ethers';
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
  commitments: (InRound & { proofHash: string; weight: bigint })[];
  takenBack: InRound[];
  accepted: (InRound & { late: boolean; reward: bigint })[];
  penalties: (InRound & { kind: 'silence' | 'wrong proof'; amount: bigint })[];
  earmarked: { finalBatch: number; round: number; amount: bigint }[];
  released: { finalBatch: number; round: number; amount: bigint }[];
  verified: { firstBatch: number; lastBatch: number; firstProver: string; stateRoot: string; block: number }[];
}

const number = z.bigint().transform(Number);
const wei = z.bigint();
const inRound = z.object({ miner: z.string(), finalBatch: number, round: number });

const EVENTS = {
  posted: z.object({ firstBatch: number, lastBatch: number, accInputHash: z.string(), reward: wei }),
  commitments: inRound.extend({ proofHash: z.string(), weight: wei }),
  takenBack: inRound,
  accepted: inRound.extend({ late: z.boolean(), reward: wei }),
  penalties: inRound.extend({
    kind: z.bigint().transform((kind) => (kind === 0n ? ('silence' as const) : ('wrong proof' as const))),
    amount: wei,
  }),
  earmarked: z.object({ finalBatch: number, round: number, amount: wei }),
  released: z.object({ finalBatch: number, round: number, amount: wei }),
  verified: z.object({ firstBatch: number, lastBatch: number, firstProver: z.string(), stateRoot: z.string() }),
};

interface Told {
  event: LogDescription;
  block: number;
}

export async function readRollupRecord(chain: ScenarioChain, rollup: ScenarioRollup): Promise<RollupRecord> {
  const logs = await chain.provider.getLogs({ address: rollup.address, fromBlock: rollup.deployBlock });
  const told: Told[] = logs.flatMap((log) => {
    const event = ROLLUP.parseLog(log);
    return event ? [{ event, block: log.blockNumber }] : [];
  });
  return {
    posted: select(told, 'SequencePosted', EVENTS.posted),
    commitments: select(told, 'CommitmentMade', EVENTS.commitments),
    takenBack: select(told, 'CommitmentTakenBack', EVENTS.takenBack),
    accepted: select(told, 'ProofAccepted', EVENTS.accepted),
    penalties: select(told, 'PenaltyBooked', EVENTS.penalties),
    earmarked: select(told, 'RewardEarmarked', EVENTS.earmarked),
    released: select(told, 'LateRewardsReleased', EVENTS.released),
    verified: select(told, 'SequenceVerified', EVENTS.verified),
  };
}

function select<T extends object>(
  told: readonly Told[],
  name: string,
  schema: z.ZodType<T>,
): (T & { block: number })[] {
  return told
    .filter(({ event }) => event.name === name)
    .map(({ event, block }) => ({ ...schema.parse(event.args.toObject()), block }));
}
