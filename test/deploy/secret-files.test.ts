import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { withoutKeys } from '../../platform/settings/key-variables.js';
import { SecretFileError, withSecretFiles } from '../../platform/settings/secret-files.js';

const directory = mkdtempSync(join(tmpdir(), 'zkpow-secrets-'));
const file = join(directory, 'database_url');
writeFileSync(file, ' postgresql://user:hunter2@host/db \nanother line\n');
afterAll(() => rmSync(directory, { recursive: true }));

test('a secret is read from the first line of the file that its variable names with _FILE', () => {
  expect(withSecretFiles({ DATABASE_URL_FILE: file, OTHER: 'kept' })).toMatchObject({
    DATABASE_URL: 'postgresql://user:hunter2@host/db',
    OTHER: 'kept',
  });
});

test('what is set itself counts more; what is no secret has no file', () => {
  expect(withSecretFiles({ DATABASE_URL: 'postgresql://set', DATABASE_URL_FILE: file })['DATABASE_URL']).toBe(
    'postgresql://set',
  );
  expect(withSecretFiles({ ZKPOW_SLOTS_FILE: file })['ZKPOW_SLOTS']).toBeUndefined();
});

test('a file that cannot be read is named, and so is the variable', () => {
  const read = () => withSecretFiles({ ZKPOW_RPC_URL_FILE: join(directory, 'missing') });
  expect(read).toThrow(SecretFileError);
  expect(read).toThrow(/ZKPOW_RPC_URL_FILE names a file that cannot be read.*missing/);
});

test('a worker that has no use for a key is not told where one lies', () => {
  const env = { ZKPOW_PRIVATE_KEY_FILE: file, DATABASE_URL_FILE: file };
  expect(withoutKeys(env, 'prover')).toEqual({ DATABASE_URL_FILE: file });
  expect(withoutKeys(env, 'sender')).toEqual(env);
});
