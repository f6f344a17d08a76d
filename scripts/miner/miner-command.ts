import { parseArgs } from 'node:util';
import { isAddress, parseEther } from 'ethers';

export const MINER_HELP = `npm run miner -- COMMAND [options]

What the miner does by hand. Without options it is about the rollup of the running stack.

  status [--json]       deposit, rewards and open commitments
  deposit AMOUNT        put so many coins into the pool for the rollup
  add-prover NAME       make the database login of a mining machine (or give it a new password)

  --rollup ADDRESS      the rollup's contract (else ZKPOW_ROLLUP)
  --help                this text`;

export type MinerCommand = { rollup: string | undefined } & (
  | { command: 'status'; json: boolean }
  | { command: 'deposit'; amountWei: bigint }
  | { command: 'add-prover'; name: string }
);

/**
 * @returns undefined if help is asked for
 * @throws Error naming what is wrong
 */
export function parseMinerCommand(args: readonly string[]): MinerCommand | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rollup: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, argument, ...rest] = positionals;
  if (values.help || command === undefined) return undefined;
  if (rest.length > 0) throw new Error(`Too many arguments: ${rest.join(' ')}. "npm run miner -- --help" shows how`);
  const { rollup } = values;
  if (rollup !== undefined && !isAddress(rollup)) {
    throw new Error(`--rollup is "${String(rollup)}", expected an address`);
  }
  switch (command) {
    case 'status':
      return { command, json: values.json, rollup };
    case 'deposit':
      return { command, amountWei: parseAmount(argument), rollup };
    case 'add-prover':
      if (argument === undefined) throw new Error('add-prover needs the NAME of the machine');
      return { command, name: argument, rollup };
    default:
      throw new Error(
        `There is no "${command}", known: status, deposit, add-prover. "npm run miner -- --help" says more`,
      );
  }
}

function parseAmount(text: string | undefined): bigint {
  if (text === undefined || !/^\d+(\.\d{1,18})?$/.test(text) || parseEther(text) === 0n) {
    throw new Error(
      `deposit needs an AMOUNT of coins above zero, as 50 or 0.5; found ${text === undefined ? 'none' : `"${text}"`}`,
    );
  }
  return parseEther(text);
}
