import { isAddress } from 'ethers';
import { isLocalChain } from '../provers/local-chains.js';
import { launchSettings } from './launch-options.js';
import type { LaunchOptions, LaunchSettings } from './launch-options.js';

/** Longest T1 and T2 that the contract takes: two weeks of 12 s blocks. */
export const MAXIMUM_WINDOW_BLOCKS = 100_800;
const MINIMUM_PUBLIC_T2_SECONDS = 300;

/**
 * Throws an error that names everything wrong with a launch.
 *
 * @param options with `blockTimeSeconds` unless the chain is a local one (`withBlockTime` measures it)
 */
export function checkLaunch(options: LaunchOptions, chainId: number): void {
  const settings = launchSettings(options);
  const problems = [
    ...checkAddresses(options),
    ...checkBlockTime(options),
    ...checkWindows(settings),
    ...checkPenalties(settings),
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

function checkBlockTime({ blockTimeSeconds }: LaunchOptions): string[] {
  if (blockTimeSeconds === undefined || (blockTimeSeconds > 0 && Number.isFinite(blockTimeSeconds))) return [];
  return [`blockTimeSeconds: ${blockTimeSeconds}, must be above 0`];
}

function checkWindows({ t1, t2 }: LaunchSettings): string[] {
  return Object.entries({ t1, t2 })
    .filter(([, blocks]) => !Number.isInteger(blocks) || blocks < 1 || blocks > MAXIMUM_WINDOW_BLOCKS)
    .map(([name, blocks]) => `${name}: ${blocks} blocks, must be 1 to ${MAXIMUM_WINDOW_BLOCKS}`);
}

function checkPenalties({ silencePenalty, wrongProofPenalty, minimumDeposit }: LaunchSettings): string[] {
  if (0n < silencePenalty && silencePenalty < wrongProofPenalty && wrongProofPenalty <= minimumDeposit) return [];
  return [
    'silencePenalty, wrongProofPenalty, minimumDeposit: must be 0 < silence < wrong proof <= minimum, ' +
      `are ${silencePenalty}, ${wrongProofPenalty}, ${minimumDeposit} wei`,
  ];
}

function checkRewards({ rewardPerSequence, rewardPerBatch, rewardCap }: LaunchSettings): string[] {
  return Object.entries({ rewardPerSequence, rewardPerBatch, rewardCap })
    .filter(([, amount]) => amount < 0n)
    .map(([name, amount]) => `${name}: ${amount} wei, must not be negative`);
}

/** What only a chain without value may have. */
function checkPublicChain(options: LaunchOptions, { t2 }: LaunchSettings, chainId: number): string[] {
  const problems: string[] = [];
  const { verifier } = options;
  if (verifier.kind === 'simulated') {
    problems.push(`verifier: simulated proofs prove nothing and are for local chains only, chain id is ${chainId}`);
  }
  if (verifier.kind === 'noir' && verifier.developmentSetup) {
    problems.push(
      `verifier: its trusted set-up is a development one, with which anybody can forge proofs; ` +
        `for local chains only, chain id is ${chainId}. Use the real set-up`,
    );
  }
  const { blockTimeSeconds } = options;
  if (blockTimeSeconds === undefined) {
    return [...problems, `blockTimeSeconds: must be given for chain id ${chainId}, which is not a local one`];
  }
  const t2Seconds = Math.floor(t2 * blockTimeSeconds);
  if (t2Seconds < MINIMUM_PUBLIC_T2_SECONDS && !options.allowShortWindows) {
    problems.push(
      `t2: ${t2} blocks are about ${t2Seconds} s, under ${MINIMUM_PUBLIC_T2_SECONDS} s miners may miss it; set t2 to ` +
        `${Math.ceil(MINIMUM_PUBLIC_T2_SECONDS / blockTimeSeconds)} blocks or more, or allowShortWindows to true to ` +
        'launch all the same',
    );
  }
  return problems;
}
