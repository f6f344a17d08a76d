import { announcedLines } from './announced-changes.js';
import { amountText, inCoins } from './asset.js';
import { commitmentText } from './miner-commitments.js';
import type { MinerRound } from './miner-history.js';
import { minerProblems, type MinerReport, type MinerStatus } from './miner-status.js';

/** What is said of an accepted proof that earned nothing. */
export const NO_REWARD = 'reward 0: no reward money was left for the rollup';
/** Rounds shown to a person, the newest: `--json` gives them all. */
const SHOWN_ROUNDS = 20;

/** @param remarks more that a person should know of, a line each */
export function minerReportText(report: MinerReport, remarks: readonly string[] = []): string {
  const { fromBlock, rounds, rewardsWei, penaltiesWei } = report.history;
  const more = rounds.length - SHOWN_ROUNDS;
  return [
    minerStatusText(report, remarks),
    '',
    `Rounds since block ${fromBlock}: ${rounds.length}, rewards ${amountText(BigInt(rewardsWei), report.asset)}, ` +
      `penalties ${amountText(BigInt(penaltiesWei), report.asset)}`,
    ...rounds.slice(0, SHOWN_ROUNDS).map((round) => roundLine(round, report)),
    ...(more > 0 ? [`  and ${more} older ones: --json lists them all`] : []),
  ].join('\n');
}

function roundLine(
  { finalBatch, round, committedBlock, outcome, rewardWei, penaltyWei }: MinerRound,
  { asset, rollup }: Pick<MinerStatus, 'asset' | 'rollup'>,
): string {
  const news: string[] = [outcome];
  if (rewardWei === null) news.push('its share not booked yet');
  else if (rewardWei !== '0') news.push(`reward ${amountText(BigInt(rewardWei), asset)}`);
  else if (outcome === 'accepted' || outcome === 'accepted late') news.push(NO_REWARD);
  if (penaltyWei !== '0') news.push(`penalty ${amountText(BigInt(penaltyWei), asset)}`);
  const advice = outcome === 'failed' ? `: npm run miner -- settle --rollup ${rollup}` : '';
  return `  batch ${finalBatch}, round ${round}, committed in block ${committedBlock}: ${news.join(', ')}${advice}`;
}

/** @param remarks more that a person should know of, a line each */
export function minerStatusText(status: MinerStatus, remarks: readonly string[] = []): string {
  const { asset, commitments, settleable, announced, capWei } = status;
  const { token, symbol, decimals } = asset;
  const kept = (units: string): string => amountText(BigInt(units), asset);
  const rows = [
    ['Miner', status.miner],
    ['Rollup', `${status.rollup}, pool ${status.pool}`],
    ...(token === null ? [] : [['Kept in', `the token ${symbol ?? ''} ${token}, ${decimals} digits behind the point`]]),
    ['Wallet', inCoins(BigInt(status.balanceWei))],
    ['Stake', `${kept(status.stakeWei)}: ${kept(status.freeWei)} free, ${kept(status.reservedWei)} reserved`],
    ['Held here', `${kept(status.heldWei)}, ${capWei === null ? 'no cap' : `your cap is ${kept(capWei)}`}`],
    ['A commit needs', `${kept(status.neededWei)}; ${kept(status.reservableWei)} may be reserved now`],
    ['Rewards owed', kept(status.owedWei)],
    [
      'To settle',
      settleable.count === 0
        ? 'nothing'
        : `${settleable.count}: frees ${kept(settleable.reserveWei)}, books ${kept(settleable.rewardWei)} of rewards`,
    ],
    ['Commitments', commitments.length > 0 ? `${commitments.length} not settled` : 'none open'],
  ];
  return [
    ...rows.map(([name = '', text = '']) => `${name.padEnd(16)}${text}`),
    ...commitments.map((commitment) => `  ${commitmentText(commitment, asset)}`),
    ...[...announcedLines(announced), ...remarks, ...minerProblems(status)].map((line) => `! ${line}`),
  ].join('\n');
}
