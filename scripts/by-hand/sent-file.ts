import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Provider } from 'ethers';
import { z } from 'zod';
import type { SignedTransaction } from './sign-and-send.js';

const signedTransaction: z.ZodType<SignedTransaction> = z.object({
  hash: z.string(),
  from: z.string(),
  nonce: z.number().int(),
  raw: z.string(),
});
const content = z.object({ about: z.string(), sent: z.array(signedTransaction) });

/** What a command has sent, on the disk until the command has come to its end. */
export interface SentFile {
  /** What it was sent for; whoever asks for something else starts afresh. */
  about: string;
  /** The last one may not be mined yet. */
  sent: SignedTransaction[];
}

export interface SentFileStore {
  read(): SentFile | undefined;
  write(file: SentFile): void;
  delete(): void;
}

/**
 * Where a command keeps what it sends: a file for each chain (by its genesis), wallet and command.
 *
 * @param runDirectory of the home
 * @param command as it is typed, without what may change at its next run
 */
export async function openSentFile(
  runDirectory: string,
  provider: Provider,
  wallet: string,
  command: string,
): Promise<SentFileStore> {
  const genesis = await provider.getBlock(0);
  const name = createHash('sha256').update([genesis?.hash, wallet, command].join('\n')).digest('hex').slice(0, 32);
  const directory = join(runDirectory, 'sent-by-hand');
  const path = join(directory, `${name}.json`);
  return {
    read: () => {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
      try {
        return content.parse(JSON.parse(text));
      } catch (error) {
        throw new Error(
          `${path} is damaged. It says what "${command}" sent last: look at the last transactions of ${wallet}, then delete it`,
          { cause: error },
        );
      }
    },
    write: (file) => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(`${path}.new`, JSON.stringify(file, null, 2) + '\n', { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    delete: () => rmSync(path, { force: true }),
  };
}
