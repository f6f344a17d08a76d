import { zeroPadValue, type Contract, type LogDescription, type Provider } from 'ethers';
import { z } from 'zod';
import { pagesOf } from '../../activities/chain/log-pages.js';
import { COMMITMENT_STATES } from '../../contracts/abi.js';

/** What became of a commitment; `failed` and `late` as the contract says now, the others as its events told. */
export type RoundOutcome =
  'open' | 'accepted' | 'accepted late' | 'late' | 'failed' | 'silence' | 'wrong proof' | 'taken back' | 'released';

/** A round in which a miner committed to a proof. Amounts in wei as decimal strings. */
export interface MinerRound {
  finalBatch: number;
  /** Block that opened it. */
  round: number;
  /** Block of the commitment. */
  committedBlock: number;
  outcome: RoundOutcome;
  /** Null while the share of an accepted proof is not booked. */
  rewardWei: string | null;
  penaltyWei: string;
}

export interface MinerHistory {
  /** First block that was searched. */
  fromBlock: number;
  /** The newest first. */
  rounds: MinerRound[];
  /** Sums over all of them. */
  rewardsWei: string;
  penaltiesWei: string;
}

const EVENTS = [
  ...['CommitmentMade', 'CommitmentTakenBack', 'CommitmentReleased'],
  ...['ProofAccepted', 'RewardBooked', 'PenaltyBooked'],
];
/** `PenaltyKind` of the contract, by its number. */
const PENALTIES = ['silence', 'wrong proof'] as const;

const keyArguments = z.object({ finalBatch: z.bigint().transform(Number), round: z.bigint().transform(Number) });

/** A miner's rounds, rewards and penalties with a rollup, from the contract's events since a block. */
export async function readMinerHistory(
  rollup: Contract,
  provider: Provider,
  miner: string,
  fromBlock: number,
): Promise<MinerHistory> {
  const address = await rollup.getAddress();
  const topics = [EVENTS.map((name) => rollup.interface.getEvent(name)?.topicHash ?? ''), zeroPadValue(miner, 32)];
  const rounds = new Map<string, MinerRound>();
  const head = await provider.getBlockNumber();
  for (const { from, to } of pagesOf({ from: fromBlock, to: head })) {
    for (const log of await provider.getLogs({ address, topics, fromBlock: from, toBlock: to })) {
      const event = rollup.interface.parseLog(log);
      if (event) note(rounds, event, log.blockNumber);
    }
  }
  const newestFirst = [...rounds.values()].reverse();
  for (const round of newestFirst) if (round.outcome === 'open') round.outcome = await standing(rollup, miner, round);
  const sum = (amounts: string[]): string => String(amounts.reduce((total, wei) => total + BigInt(wei), 0n));
  return {
    fromBlock,
    rounds: newestFirst,
    rewardsWei: sum(newestFirst.map(({ rewardWei }) => rewardWei ?? '0')),
    penaltiesWei: sum(newestFirst.map(({ penaltyWei }) => penaltyWei)),
  };
}

/** Writes one event into the round that it is about; one whose beginning was not searched is begun by it. */
function note(rounds: Map<string, MinerRound>, event: LogDescription, blockNumber: number): void {
  const given = event.args.toObject();
  const { finalBatch, round } = keyArguments.parse(given);
  const key = `${finalBatch}/${round}`;
  const known = rounds.get(key) ?? {
    ...{ finalBatch, round, committedBlock: blockNumber, outcome: 'open' as const, rewardWei: '0', penaltyWei: '0' },
  };
  rounds.set(key, { ...known, ...newsOf(event, known) });
}

function newsOf({ name, args }: LogDescription, { outcome }: MinerRound): Partial<MinerRound> {
  const amount = (argument: string): string => String(z.bigint().parse(args.getValue(argument)));
  switch (name) {
    case 'ProofAccepted':
      return args.getValue('late') === true
        ? { outcome: 'accepted late', rewardWei: amount('lateReward') }
        : { outcome: 'accepted', rewardWei: null };
    case 'RewardBooked':
      return { outcome: 'accepted', rewardWei: amount('amount') };
    case 'PenaltyBooked':
      return { outcome: PENALTIES[Number(args.getValue('kind'))] ?? 'silence', penaltyWei: amount('amount') };
    case 'CommitmentTakenBack':
      return { outcome: 'taken back' };
    case 'CommitmentReleased':
      return outcome === 'open' ? { outcome: 'released' } : {};
    default:
      return {};
  }
}

/** Of a commitment about which no event has told an end. */
async function standing(rollup: Contract, miner: string, { finalBatch, round }: MinerRound): Promise<RoundOutcome> {
  const answer: unknown = await rollup.getFunction('commitmentState')(miner, finalBatch, round);
  const state = COMMITMENT_STATES[Number(z.bigint().parse(answer))];
  return state === 'failed' || state === 'late' ? state : state === 'rolledBack' ? 'released' : 'open';
}
