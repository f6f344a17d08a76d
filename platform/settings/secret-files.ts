import { readTextFileSync } from '../text-file.js';
import { settingInfo } from './setting-info.js';
import { settings } from './settings-table.js';

/** A file that is to hold a secret cannot be read; the message names it and the variable that does. */
export class SecretFileError extends Error {
  override readonly name = 'SecretFileError';
}

/**
 * Adds the secrets that lie in files, as container engines hand them out: the setting `DATABASE_URL` is the first line of
 * the file that `DATABASE_URL_FILE` names. What is set itself counts more.
 *
 * @throws SecretFileError if such a file cannot be read
 */
export function withSecretFiles(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const read: NodeJS.ProcessEnv = {};
  for (const schema of Object.values(settings.shape)) {
    const info = settingInfo.get(schema);
    const file = info?.secret ? env[`${info.env}_FILE`]?.trim() : undefined;
    if (!info || !file || env[info.env]?.trim()) continue;
    try {
      read[info.env] =
        readTextFileSync(file)
          .split(/\r\n?|\n/, 1)[0]
          ?.trim() ?? '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new SecretFileError(`${info.env}_FILE names a file that cannot be read: ${reason}`);
    }
  }
  return { ...env, ...read };
}
