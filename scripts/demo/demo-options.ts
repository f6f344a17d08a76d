import { parseArgs } from 'node:util';
import { LAUNCH_LIMITS } from '../../contracts/launch-checks.js';
import { demoType } from '../../rollup-types/registry.js';
import { mostFullBatches } from '../sequencer/posting-size.js';

const MOST_FULL_BATCHES = mostFullBatches(demoType.sequencer);

export const DEMO_HELP = `npm run demo -- [options]

Does the main job on this machine: starts Temporal, Postgres and a local chain, launches a rollup, posts sequences of
batches, proves them, submits the proofs in two steps and shows that the contract verified them.

  --prover noir|simulated  real proofs (about 3 minutes) or none (under a minute). Default: noir
  --sequences 1,2,3        how many batches each posted sequence has (at most ${MOST_FULL_BATCHES}: nodes take no
                           larger transaction). Default: 1,2,3
  --block-time SECONDS     of the local chain. Default: 1
  --t1 BLOCKS              in which proofHashes are taken. Default: 5
  --t2 BLOCKS              in which proofs are taken. Default: 30
  --json FILE              also write the report to FILE
  --keep                   leave everything running at the end ("npm run stop" ends it)
  --help                   this text`;

export interface DemoOptions {
  /** Undefined: as ZKPOW_PROVER says. */
  prover: 'noir' | 'simulated' | undefined;
  batchesPerSequence: number[];
  blockTimeSeconds: number;
  t1Blocks: number;
  t2Blocks: number;
  jsonFile: string | undefined;
  keep: boolean;
}

/** Most batches that the demo posts: a person waits for each of them. */
const MAX_BATCHES = 200;
/** Of what a contract takes. */
const LONGEST_BLOCK_SECONDS = LAUNCH_LIMITS.blockTimeMs.maximum / 1_000;
const MOST_T1_BLOCKS = LAUNCH_LIMITS.tMinSeconds / LONGEST_BLOCK_SECONDS;
const MOST_T2_BLOCKS = LAUNCH_LIMITS.t2Seconds / LONGEST_BLOCK_SECONDS;

/** All that is wrong with a command line. */
export class DemoOptionsError extends Error {
  override readonly name = 'DemoOptionsError';
  constructor(problems: readonly string[]) {
    super(`${problems.join('\n')}\n"npm run demo -- --help" lists the options.`);
  }
}

/**
 * @returns undefined if help is asked for
 * @throws DemoOptionsError naming everything that is wrong
 */
export function parseDemoOptions(args: readonly string[]): DemoOptions | undefined {
  const values = parse(args);
  if (values.help) return undefined;
  const problems: string[] = [];
  const whole = (flag: string, text: string, maximum: number): number => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < 1 || number > maximum) {
      problems.push(`--${flag} is ${JSON.stringify(text)}, expected a whole number from 1 to ${maximum}`);
    }
    return number;
  };
  const { prover } = values;
  if (prover !== undefined && prover !== 'noir' && prover !== 'simulated') {
    problems.push(`--prover is ${JSON.stringify(prover)}, expected noir or simulated`);
  }
  const batchesPerSequence = values.sequences
    .split(',')
    .map((text) => whole('sequences', text.trim(), MOST_FULL_BATCHES));
  const batches = batchesPerSequence.reduce((sum, count) => sum + count, 0);
  if (batches > MAX_BATCHES)
    problems.push(`--sequences asks for ${batches} batches, at most ${MAX_BATCHES} are posted`);
  const options: DemoOptions = {
    prover: prover === 'noir' || prover === 'simulated' ? prover : undefined,
    batchesPerSequence,
    blockTimeSeconds: whole('block-time', values['block-time'], LONGEST_BLOCK_SECONDS),
    t1Blocks: whole('t1', values.t1, MOST_T1_BLOCKS),
    t2Blocks: whole('t2', values.t2, MOST_T2_BLOCKS),
    jsonFile: values.json,
    keep: values.keep,
  };
  if (problems.length > 0) throw new DemoOptionsError(problems);
  return options;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        prover: { type: 'string' },
        sequences: { type: 'string', default: '1,2,3' },
        'block-time': { type: 'string', default: '1' },
        t1: { type: 'string', default: '5' },
        t2: { type: 'string', default: '30' },
        json: { type: 'string' },
        keep: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    throw new DemoOptionsError([error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error)]);
  }
}
