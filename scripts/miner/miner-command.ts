import { parseArgs } from 'node:util';
import { isAddress } from 'ethers';

export const MINER_HELP = `npm run miner -- COMMAND [options]

What the miner does by hand. Without options it is about the rollup of the running stack.

  status [--json] [--since BLOCK]
                        stake, rewards, open commitments, what the rollup's admin has announced; rounds, rewards and
                        penalties since a block (default: a week of 12 s blocks back)
  deposit AMOUNT        add so many coins to the stake: there is one for all rollups of the pool
  withdraw AMOUNT       take so many coins of the stake that no commitment reserves, at once
  cap AMOUNT|none       let this rollup hold at most so many coins of the stake at a time, or any part of it
  settle                book what is due on commitments whose rounds are over: shares of rewards, penalties, reserves set
                        free
  claim                 settle, then take the rewards that are owed
  take-back BATCH       take back the proofHash of the sequence that ends with BATCH, if its window is over and its
                        predecessor still not verified; no other one can be sent in that round
  trust-rule            commit again to rollups of this one's type rule, which has refused a proof that our own check took
  add-prover NAME       make the database login of a mining machine (or give it a new password)
  readmit-prover NAME   take work from a mining machine again that was set aside
  remove-prover NAME    take the login of a mining machine away for good; what it has proved stays

  AMOUNTs are in whole coins, as 50 or 0.5, or in whole tokens where the rollup's pool keeps a token ("status" names it). A
  deposit of a token approves the pool for it first.

  --rollup ADDRESS      the rollup's contract (else ZKPOW_ROLLUP)
  --help                this text`;

/** What is sent to the contracts. Amounts in whole coins or tokens, as `0.5`. */
export type MinerCall =
  | { command: 'deposit' | 'withdraw'; amount: string }
  /** Null for no cap. */
  | { command: 'cap'; amount: string | null }
  | { command: 'claim' | 'settle' }
  | { command: 'take-back'; finalBatch: number };

export type MinerCommand = { rollup: string | undefined } & (
  | { command: 'status'; json: boolean; sinceBlock: number | undefined }
  | { command: 'call'; call: MinerCall }
  | { command: 'trust-rule' }
  | { command: 'add-prover' | 'readmit-prover' | 'remove-prover'; name: string }
);

const COMMANDS =
  'status, deposit, withdraw, cap, settle, claim, take-back, trust-rule, add-prover, readmit-prover, remove-prover';
const WITHOUT_ARGUMENT = ['status', 'settle', 'claim', 'trust-rule'];

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
      since: { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [command, argument, ...rest] = positionals;
  if (values.help || command === undefined) return undefined;
  const tooMany = WITHOUT_ARGUMENT.includes(command) && argument !== undefined ? [argument, ...rest] : rest;
  if (tooMany.length > 0) {
    throw new Error(`Too many arguments: ${tooMany.join(' ')}. "npm run miner -- --help" shows how`);
  }
  const { rollup } = values;
  if (rollup !== undefined && !isAddress(rollup)) {
    throw new Error(`--rollup is "${String(rollup)}", expected an address`);
  }
  switch (command) {
    case 'status':
      return { command, json: values.json, sinceBlock: parseBlock(values.since), rollup };
    case 'deposit':
    case 'withdraw':
      return { command: 'call', call: { command, amount: checkAmount(command, argument) }, rollup };
    case 'cap':
      return { command: 'call', call: { command, amount: checkCap(argument) }, rollup };
    case 'trust-rule':
      return { command, rollup };
    case 'claim':
    case 'settle':
      return { command: 'call', call: { command }, rollup };
    case 'take-back':
      return { command: 'call', call: { command, finalBatch: parseBatch(argument) }, rollup };
    case 'add-prover':
    case 'readmit-prover':
    case 'remove-prover':
      if (argument === undefined) throw new Error(`${command} needs the NAME of the machine`);
      return { command, name: argument, rollup };
    default:
      throw new Error(`There is no "${command}", known: ${COMMANDS}. "npm run miner -- --help" says more`);
  }
}

function checkAmount(command: string, text: string | undefined): string {
  if (text !== undefined && /^\d+(\.\d+)?$/.test(text) && /[1-9]/.test(text)) return text;
  throw new Error(
    `${command} needs an AMOUNT of coins above zero, as 50 or 0.5; found ${text === undefined ? 'none' : `"${text}"`}`,
  );
}

/** @returns null for no cap */
function checkCap(text: string | undefined): string | null {
  if (text === 'none') return null;
  if (text !== undefined && /^\d+(\.\d+)?$/.test(text) && /[1-9]/.test(text)) return text;
  throw new Error(
    `cap needs an AMOUNT of coins above zero, as 50 or 0.5, or "none" for no cap; found ${text === undefined ? 'nothing' : `"${text}"`}`,
  );
}

function parseBlock(text: string | undefined): number | undefined {
  if (text === undefined || (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))))
    return text === undefined ? undefined : Number(text);
  throw new Error(`--since is "${text}", expected the number of a block`);
}

function parseBatch(text: string | undefined): number {
  const batch = Number(text);
  if (text !== undefined && /^[1-9]\d*$/.test(text) && Number.isSafeInteger(batch)) return batch;
  throw new Error(
    `take-back needs the number of the last BATCH of a sequence, found ${text === undefined ? 'none' : `"${text}"`}: ` +
      '"npm run miner -- status" lists the open commitments',
  );
}
