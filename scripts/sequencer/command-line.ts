import { parseArgs } from 'node:util';
import { isAddress, isHexString } from 'ethers';
import { readTextFileSync } from '../../platform/text-file.js';
import { httpUrl } from '../../platform/settings/setting-kinds.js';

export const USAGE = `Posts sequences of transfers to a rollup, after checking every one of them.

  npm run sequencer -- FILE [--rpc-url URL] [--rollup ADDRESS] [--key-file FILE] [--allow-invalid]

  FILE             accounts and transfers as JSON; examples/transfers.json shows the form
  --rpc-url        the base chain's RPC, several with commas between them (else ZKPOW_RPC_URL)
  --rollup         address of the rollup's contract (else ZKPOW_ROLLUP)
  --key-file       file that holds the sequencer's private key as 0x and 64 hex digits (else ZKPOW_SEQUENCER_KEY holds it)
  --allow-invalid  post transfers that will not take effect too: they are proved as no-ops
  --help           this text`;

export interface SequencerOptions {
  file: string;
  /** In order of preference. */
  rpcUrls: string[];
  rollup: string;
  privateKey: string;
  allowInvalid: boolean;
}

/**
 * @param environment as `process.env`
 * @returns undefined if help is asked for
 * @throws Error that lists every wrong or missing setting; it never holds the key
 */
export function parseCommandLine(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): SequencerOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      'rpc-url': { type: 'string' },
      rollup: { type: 'string' },
      'key-file': { type: 'string' },
      'allow-invalid': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const problems: string[] = [];
  const [file = '', ...rest] = positionals;
  if (file === '') problems.push('FILE is missing: name a file of transfers');
  if (rest.length > 0) problems.push(`one FILE is posted at a time, found also ${rest.join(', ')}`);
  const rpcUrls = (values['rpc-url'] ?? environment['ZKPOW_RPC_URL'] ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '');
  // Not repeated in the message: it may hold a key.
  if (rpcUrls.length === 0) problems.push('--rpc-url or ZKPOW_RPC_URL is missing, expected an http(s) URL');
  else if (!rpcUrls.every((url) => httpUrl.safeParse(url).success))
    problems.push('--rpc-url or ZKPOW_RPC_URL holds something else than http(s) URLs');
  const rollup = values.rollup ?? environment['ZKPOW_ROLLUP'] ?? '';
  if (!isAddress(rollup)) problems.push(`--rollup or ZKPOW_ROLLUP is ${quote(rollup)}, expected a contract's address`);
  const privateKey = readKey(values['key-file'], environment['ZKPOW_SEQUENCER_KEY'], problems);
  if (problems.length > 0) throw new Error(`${problems.map((problem) => `- ${problem}`).join('\n')}\n\n${USAGE}`);
  return { file, rpcUrls, rollup, privateKey, allowInvalid: values['allow-invalid'] };
}

function readKey(keyFile: string | undefined, fromEnvironment: string | undefined, problems: string[]): string {
  let key = fromEnvironment ?? '';
  const source = keyFile === undefined ? 'ZKPOW_SEQUENCER_KEY' : `the key file ${keyFile}`;
  if (keyFile !== undefined) {
    try {
      key = readTextFileSync(keyFile).trim();
    } catch (error) {
      problems.push(`${source} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      return '';
    }
  }
  if (key === '') problems.push('the key of the sequencer is missing: give --key-file or ZKPOW_SEQUENCER_KEY');
  else if (!isHexString(key, 32)) problems.push(`${source} holds no private key, expected 0x and 64 hex digits`);
  return key;
}

function quote(text: string): string {
  return text === '' ? 'missing' : `"${text}"`;
}
