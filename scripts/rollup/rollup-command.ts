import { parseArgs } from 'node:util';

export const ROLLUP_HELP = `npm run rollup -- pause|resume [ADDRESS] [options]

Pauses a rollup, or ends the pause. While it is paused for this miner no new proofHash is sent; proofs go on being made, and
every reveal that is due is sent. Without ADDRESS it is about the rollup of the running stack (else ZKPOW_ROLLUP).

  --contract            for everybody: the rollup takes no sequences and opens no rounds, those that are open go on (its
                        admin only, ZKPOW_ADMIN_KEY); without it, for this miner
  --help                this text`;

export interface RollupCommand {
  rollup: string | undefined;
  paused: boolean;
  /** Of the contract, not of this miner alone. */
  contract: boolean;
}

/**
 * @returns undefined if help is asked for
 * @throws Error naming what is wrong
 */
export function parseRollupCommand(args: readonly string[]): RollupCommand | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { contract: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } },
  });
  const [command, rollup, ...rest] = positionals;
  if (values.help || command === undefined) return undefined;
  if (command !== 'pause' && command !== 'resume') {
    throw new Error(`There is no "${command}", known: pause, resume. "npm run rollup -- --help" says more`);
  }
  if (rest.length > 0) throw new Error(`Too many arguments: ${rest.join(' ')}. "npm run rollup -- --help" shows how`);
  return { rollup, paused: command === 'pause', contract: values.contract };
}
