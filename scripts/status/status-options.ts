import { parseArgs } from 'node:util';

export const STATUS_HELP = `npm run status [-- options]

Shows the RPC endpoints, the rollups that are followed, the sequences with their stage and what they wait for, and the
provers. What does not answer within seconds is left out, and named.

  --limit N   sequences shown at a time, those that run and the newest first. Default: 50, at most 500
  --page N    which of the pages of so many. Default: 1
  --json      all of it as JSON
  --help      this text`;

export interface StatusOptions {
  json: boolean;
  page: number;
  limit: number;
}

const MOST = { limit: 500, page: 100_000 };

/**
 * @returns undefined if help is asked for
 * @throws Error naming what is wrong
 */
export function parseStatusOptions(args: readonly string[]): StatusOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      limit: { type: 'string', default: '50' },
      page: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return undefined;
  return { json: values.json, page: wholeNumber('page', values.page), limit: wholeNumber('limit', values.limit) };
}

function wholeNumber(option: keyof typeof MOST, text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= MOST[option]) return number;
  throw new Error(`--${option} is "${text}", expected a whole number from 1 to ${MOST[option]}`);
}
