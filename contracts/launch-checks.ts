import { isAddress } from 'ethers';
import { isLocalChain } from '../domain/local-chains.js';
import { launchSettings } from './launch-options.js';
import type { LaunchOptions, LaunchSettings } from './launch-options.js';

/** As the contract has them (`Administration.sol`). */
export const LAUNCH_LIMITS = {
  blockTimeMs: { minimum: 50, maximum: 60_000 },
  t2Seconds: 14 * 24 * 3600,
  tMinSeconds: 24 * 3600,
  silenceShare: 100,
  wholeShare: 10_000,
  lateShare: 5_000,
  adminDelaySeconds: 730 * 24 * 3600,
};
const MINIMUM_PUBLIC_T2_SECONDS = 300;

/**
 * Throws an error that names everything wrong with a launch.
 *
 * @param options with `blockTimeSeconds` unless the chain is a local one (`withBlockTime` measures it)
 */
export function checkLaunch(options: LaunchOptions, chainId: number): void {
  const settings = launchSettings(options, isLocalChain(chainId));
  const problems = [
    ...checkAddresses(options),
    ...checkBlockTime(options, settings),
    ...checkWindows(settings),
    ...checkShares(settings),
    ...checkAdminDelay(options),
    ...checkRewards(settings),
    ...(isLocalChain(chainId) ? [] : checkPublicChain(options, settings, chainId)),
  ];
  if (problems.length > 0) throw new Error(`cannot launch the rollup:\n${problems.map((p) => `- ${p}`).join('\n')}`);
}

function checkAddresses({ admin, sequencer, asset, rollupType }: LaunchOptions): string[] {
  const problems = Object.entries({ admin, sequencer, ...(asset === undefined ? {} : { asset }) })
    .filter(([, address]) => !isAddress(address))
    .map(([name, address]) => `${name}: ${address} is no address`);
  return rollupType === '' ? [...problems, 'rollupType: is empty'] : problems;
}

function checkBlockTime({ blockTimeSeconds }: LaunchOptions, { blockTimeMs }: LaunchSettings): string[] {
  const { minimum, maximum } = LAUNCH_LIMITS.blockTimeMs;
  if (blockTimeMs >= minimum && blockTimeMs <= maximum) return [];
  return [`blockTimeSeconds: ${blockTimeSeconds}, must be ${minimum / 1000} to ${maximum / 1000}`];
}

function checkWindows({ t1Seconds, t2Seconds, tMinSeconds }: LaunchSettings): string[] {
  const limits = { t1Seconds: [t1Seconds, LAUNCH_LIMITS.tMinSeconds], t2Seconds: [t2Seconds, LAUNCH_LIMITS.t2Seconds] };
  const problems = Object.entries(limits)
    .filter(([, [seconds = 0, limit = 0]]) => !isWholeWithin(seconds, 1, limit))
    .map(([name, [seconds, limit]]) => `${name}: ${seconds}, must be a whole number, 1 to ${limit}`);
  if (isWholeWithin(tMinSeconds, t1Seconds, LAUNCH_LIMITS.tMinSeconds)) return problems;
  const range = `T1 (${t1Seconds}) to ${LAUNCH_LIMITS.tMinSeconds}`;
  return [...problems, `tMinSeconds: ${tMinSeconds}, must be a whole number, ${range}`];
}

function checkShares({ silenceShare, wrongProofShare, lateShare, minimumReserve }: LaunchSettings): string[] {
  const problems: string[] = [];
  const { silenceShare: least, wholeShare: whole, lateShare: most } = LAUNCH_LIMITS;
  const inOrder = isWholeWithin(silenceShare, least, whole) && isWholeWithin(wrongProofShare, silenceShare + 1, whole);
  if (!inOrder) {
    problems.push(
      `silenceShare, wrongProofShare: must be ${least} <= silence < wrong proof <= ${whole} (basis points of the ` +
        `reserve), are ${silenceShare}, ${wrongProofShare}`,
    );
  }
  if (!isWholeWithin(lateShare, 0, most)) {
    problems.push(`lateShare: ${lateShare}, must be a whole number of basis points, 0 to ${most}`);
  }
  if (minimumReserve * BigInt(Math.max(0, silenceShare)) < BigInt(whole)) {
    problems.push(`minimumReserve: ${minimumReserve} wei, its silence share must be at least 1 wei`);
  }
  return problems;
}

function checkAdminDelay({ adminDelaySeconds = 1 }: LaunchOptions): string[] {
  if (isWholeWithin(adminDelaySeconds, 1, LAUNCH_LIMITS.adminDelaySeconds)) return [];
  return [`adminDelaySeconds: ${adminDelaySeconds}, must be a whole number, 1 to ${LAUNCH_LIMITS.adminDelaySeconds}`];
}

function isWholeWithin(value: number, minimum: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= minimum && value <= maximum;
}

function checkRewards({ rewardPerSequence, rewardPerBatch, rewardCap }: LaunchSettings): string[] {
  return Object.entries({ rewardPerSequence, rewardPerBatch, rewardCap })
    .filter(([, amount]) => amount < 0n)
    .map(([name, amount]) => `${name}: ${amount} wei, must not be negative`);
}

/** What only a chain without value may have. */
function checkPublicChain(options: LaunchOptions, { t2Seconds }: LaunchSettings, chainId: number): string[] {
  const problems: string[] = [];
  const { rule } = options;
  if (rule.kind === 'new' && rule.localOnly !== null) {
    problems.push(`rule: ${rule.localOnly}: for local chains only, chain id is ${chainId}`);
  }
  if (options.blockTimeSeconds === undefined) {
    problems.push(`blockTimeSeconds: must be given for chain id ${chainId}, which is not a local one`);
  }
  if (t2Seconds < MINIMUM_PUBLIC_T2_SECONDS && !options.allowShortWindows) {
    problems.push(
      `t2Seconds: ${t2Seconds}, under ${MINIMUM_PUBLIC_T2_SECONDS} miners may miss the window; set it to ` +
        `${MINIMUM_PUBLIC_T2_SECONDS} or more, or allowShortWindows to true to launch all the same`,
    );
  }
  return problems;
}
