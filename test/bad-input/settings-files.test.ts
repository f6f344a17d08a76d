import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readCommandNeeds } from '../../provers/backends/command/command-needs.js';
import { readCommandSettings } from '../../provers/backends/command/command-settings.js';
import { knownNames } from '../../platform/settings/misspelt-names.js';
import { withSecretFiles } from '../../platform/settings/secret-files.js';
import { readEnvironment } from '../../platform/settings/settings.js';
import { runScript } from '../scripts/run-script.js';
import { problemsOf } from '../support/settings-problems.js';

const directory = mkdtempSync(join(tmpdir(), 'zkpow-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** UTF-16 with a byte order mark, as Windows' Notepad and PowerShell's `>` write it. */
const utf16 = (text: string): Buffer => Buffer.from(`\uFEFF${text}`, 'utf16le');

describe('a file .env', () => {
  const TEXT = 'ZKPOW_REVEAL_FEE_CAP_GWEI=50\r\nZKPOW_TRUSTED_SETUP=real\r\n';
  const VALUES = { ZKPOW_REVEAL_FEE_CAP_GWEI: '50', ZKPOW_TRUSTED_SETUP: 'real' };

  test.each([
    ['UTF-8', TEXT],
    ['UTF-8 with a byte order mark', `\uFEFF${TEXT}`],
    ['UTF-16', utf16(TEXT)],
    ["an old Mac's line ends", TEXT.replaceAll('\r\n', '\r')],
  ])('is read whole in %s', (_, content) => {
    expect(readEnvironment({}, file('.env', content))).toEqual(VALUES);
  });

  test('is refused by name where it is no text', () => {
    const path = file('.env', Buffer.from('ZKPOW_SLOTS=ü', 'latin1'));
    expect(problemsOf(() => readEnvironment({}, path))).toEqual([`${path} is not UTF-8 text: save it as UTF-8`]);
  });

  test('is refused with the line that is no setting, and without what stands in it', () => {
    const path = file('.env', 'ZKPOW_SLOTS=1\nZKPOW_PRIVATE_KEY: 0xdeadbeef\nZKPOW_HARDWARE_CLASS=gpu\nhunter2\n');
    const problems = problemsOf(() => readEnvironment({}, path));
    expect(problems).toEqual([`line 2 of ${path} is not NAME=VALUE`, `line 4 of ${path} is not NAME=VALUE`]);
  });

  test('may lie elsewhere', () => {
    expect(readEnvironment({ ZKPOW_ENV_FILE: file('prover.env', `\uFEFF${TEXT}`) })).toMatchObject(VALUES);
    expect(problemsOf(() => readEnvironment({ ZKPOW_ENV_FILE: '/nowhere' }))).toEqual([
      'ZKPOW_ENV_FILE names /nowhere, which is not there',
    ]);
  });

  test('may hold values of several lines, comments and what is meant for others', () => {
    const path = file('.env', '# ours\nexport ZKPOW_SLOTS=2 # two\nTEXT="one\ntwo"\nCOMPOSE_PROFILES=gateway\n');
    expect(readEnvironment({}, path)).toEqual({ ZKPOW_SLOTS: '2', TEXT: 'one\ntwo', COMPOSE_PROFILES: 'gateway' });
  });
});

describe('other files that people write', () => {
  test('are read in the same encodings: secrets and the description of a prover command', async () => {
    const url = 'postgresql://user:secret@host/db';
    expect(withSecretFiles({ DATABASE_URL_FILE: file('url', utf16(`${url}\r\nmore`)) })['DATABASE_URL']).toBe(url);
    expect(withSecretFiles({ DATABASE_URL_FILE: file('url', `\uFEFF${url}`) })['DATABASE_URL']).toBe(url);
    for (const content of [
      '\uFEFF{"proofSystem":"x","coresPerProof":2}',
      utf16('{"proofSystem":"x","coresPerProof":2}'),
    ]) {
      const path = file('command.json', content);
      expect(readCommandNeeds(path)).toEqual({ coresPerProof: 2 });
      expect((await readCommandSettings(path)).proofSystem).toBe('x');
    }
  });

  test('are refused by the name of their variable where they are no text', () => {
    const path = file('url', Buffer.from('postgresql://ü', 'latin1'));
    expect(() => withSecretFiles({ DATABASE_URL_FILE: path })).toThrow(/DATABASE_URL_FILE.*url is not UTF-8 text/);
  });
});

describe('a misspelt name', () => {
  const read = (name: string) => problemsOf(() => readEnvironment({ [name]: '1' }, 'none'))[0];

  test.each([
    ['ZKPOW_REVEAL_FEE_CAP', 'ZKPOW_REVEAL_FEE_CAP_GWEI'],
    ['ZKPOW_TRUSTED_SET_UP', 'ZKPOW_TRUSTED_SETUP'],
    ['zkpow_chain_id', 'ZKPOW_CHAIN_ID'],
    ['ZKPO_SLOTS', 'ZKPOW_SLOTS'],
    ['TEMPORAL_ADRESS', 'TEMPORAL_ADDRESS'],
    ['ZKPOW_RPC_URLS_FILE', 'ZKPOW_RPC_URL_FILE'],
    // Not a secret, so it has no file.
    ['ZKPOW_SLOTS_FILE', 'ZKPOW_SLOTS'],
  ])('%s is refused, and %s is suggested', (name, nearest) => {
    expect(read(name)).toBe(`${name} is not a setting: did you mean ${nearest}?`);
  });

  test('is looked for in .env and in the environment; names of others are left alone', () => {
    const path = file('.env', 'ZKPOW_SLOT=1\nDATABASE_URI=x\n');
    expect(problemsOf(() => readEnvironment({ ZKPOW_MINNER: '1', TEMPORAL_CLI_SHOW: '1' }, path))).toHaveLength(2);
    expect(readEnvironment({ TEMPORAL_GRPC_META_X: '1', PATH: 'x' }, 'none')).toBeDefined();
  });

  test.each([
    ['workers/main.ts', ['prover', '--check'], 2],
    ['workers/main.ts', ['aggregator'], 2],
    ['scripts/status.ts', [], 1],
    ['scripts/stack.ts', [], 1],
    ['scripts/demo.ts', [], 1],
  ])(
    'ends %s before it does anything',
    async (program, args, code) => {
      const result = await runScript(program, args, { ZKPOW_TRUSTED_SET_UP: 'real' });
      expect(result.stderr).toContain('ZKPOW_TRUSTED_SET_UP is not a setting: did you mean ZKPOW_TRUSTED_SETUP?');
      expect(result.stderr).not.toContain('    at ');
      expect(result.code).toBe(code);
    },
    60_000,
  );
});

test('every name that this project uses is known', () => {
  const files = ['workers', 'activities', 'provers', 'scripts', 'deploy', 'docs', 'docker-compose.yml', 'Dockerfile'];
  const used = execFileSync('git', ['grep', '--no-index', '-hoE', 'ZKPOW_[A-Z0-9_]*[A-Z0-9]', '--', ...files], {
    encoding: 'utf8',
  });
  const known = knownNames().add('ZKPOW_END_OF_FILE');
  expect([...new Set(used.trim().split('\n'))].filter((name) => !known.has(name))).toEqual([]);
});
