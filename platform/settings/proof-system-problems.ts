import { isLocalChain, LOCAL_CHAINS } from '../../domain/local-chains.js';
import type { SettingTexts } from './settings.js';

/** What each proof system needs beside its name. */
const NEEDS: Record<string, readonly (readonly [setting: string, variable: string])[]> = {
  command: [['proverCommand', 'ZKPOW_PROVER_COMMAND']],
  'zkevm-prover': [
    ['proverCommand', 'ZKPOW_PROVER_COMMAND'],
    ['forkId', 'ZKPOW_FORK_ID'],
  ],
};

/** What is missing for the proof system that `ZKPOW_PROVER` names, or forbidden on the chain that is named. */
export function proofSystemProblems(texts: SettingTexts): string[] {
  const { prover = '', trustedSetup, chainId = '' } = texts;
  const problems = (NEEDS[prover] ?? []).flatMap(([setting, variable]) =>
    texts[setting] === undefined ? `${variable} is not set: with ZKPOW_PROVER=${prover} it is needed` : [],
  );
  if (!/^\d+$/.test(chainId) || isLocalChain(Number(chainId))) return problems;
  if (prover === 'simulated') {
    problems.push(
      `ZKPOW_PROVER is simulated: simulated proofs prove nothing and are for local chains only (${LOCAL_CHAINS})`,
    );
  }
  if (prover === 'noir' && trustedSetup === 'development') {
    problems.push(
      'ZKPOW_TRUSTED_SETUP is development: with it anybody can forge proofs, it is for local chains only ' +
        `(${LOCAL_CHAINS}): set it to real`,
    );
  }
  return problems;
}

/** As `proofSystemProblems`, for a machine that makes the proofs itself. */
export function ownProverProblems(texts: SettingTexts): string[] {
  const { prover, slots } = texts;
  if (prover === 'zkevm-prover') {
    return ['ZKPOW_PROVER is zkevm-prover: such provers dial in to a gateway, start that: npm run worker -- gateway'];
  }
  const problems = proofSystemProblems(texts);
  if (prover === 'noir' && Number(slots) > 1) {
    problems.push(
      `ZKPOW_SLOTS is ${slots}: with ZKPOW_PROVER=noir a proof takes all cores, and a process makes one after the other; ` +
        'more would take tasks from idle machines. Set it to 1',
    );
  }
  return problems;
}
