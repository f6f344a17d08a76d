import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

/**
 * The command line that runs a TypeScript file of this project as one process (not a wrapper around one: signals and
 * process ids are then the program's own).
 */
export function nodeProgram(file: string, args: readonly string[] = []): { command: string; args: string[] } {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  return { command: process.execPath, args: ['--import', tsx, file, ...args] };
}
