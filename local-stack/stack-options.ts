import { parseArgs } from 'node:util';
import { LAUNCH_LIMITS } from '../contracts/launch-checks.js';

export const STACK_HELP = `npm run stack -- [options]

Starts Temporal, Postgres and a local chain, launches a rollup (once: the next start goes on with it), starts an
aggregator, a prover and a sender, and keeps all of it running until Ctrl-C or "npm run stop". What a setting names
(TEMPORAL_ADDRESS, DATABASE_URL, ZKPOW_RPC_URL) is used instead of being started; ZKPOW_LISTEN_ADDRESS lets provers on
other machines in. See docs/configuration.md.

  --prover noir|simulated  real proofs or none. Default: as ZKPOW_PROVER says, else noir
  --block-time SECONDS     of the local chain. Default: 1
  --t1 BLOCKS              of the rollup, when it is launched. Default: 5
  --t2 BLOCKS              of the rollup, when it is launched. Default: 30
  --servers-only           Temporal, Postgres and the chain only
  --help                   this text`;

/** Of what a contract takes. */
const LONGEST_BLOCK_SECONDS = LAUNCH_LIMITS.blockTimeMs.maximum / 1_000;
const MOST_T1_BLOCKS = LAUNCH_LIMITS.tMinSeconds / LONGEST_BLOCK_SECONDS;
const MOST_T2_BLOCKS = LAUNCH_LIMITS.t2Seconds / LONGEST_BLOCK_SECONDS;

export interface StackCommand {
  /** Undefined: as ZKPOW_PROVER says. */
  prover: 'noir' | 'simulated' | undefined;
  blockTimeSeconds: number;
  t1Blocks: number;
  t2Blocks: number;
  serversOnly: boolean;
}

/**
 * @returns undefined if help is asked for
 * @throws Error naming everything that is wrong
 */
export function parseStackCommand(args: readonly string[]): StackCommand | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      prover: { type: 'string' },
      'block-time': { type: 'string', default: '1' },
      t1: { type: 'string', default: '5' },
      t2: { type: 'string', default: '30' },
      'servers-only': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const problems: string[] = [];
  const whole = (flag: string, text: string, maximum: number): number => {
    if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > maximum) {
      problems.push(`--${flag} is "${text}": expected a whole number from 1 to ${maximum}`);
    }
    return Number(text);
  };
  const { prover } = values;
  if (prover !== undefined && prover !== 'noir' && prover !== 'simulated') {
    problems.push(`--prover is "${prover}": expected noir or simulated`);
  }
  const command: StackCommand = {
    prover: prover === 'noir' || prover === 'simulated' ? prover : undefined,
    blockTimeSeconds: whole('block-time', values['block-time'], LONGEST_BLOCK_SECONDS),
    t1Blocks: whole('t1', values.t1, MOST_T1_BLOCKS),
    t2Blocks: whole('t2', values.t2, MOST_T2_BLOCKS),
    serversOnly: values['servers-only'],
  };
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return command;
}
