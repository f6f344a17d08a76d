import { guardConsole } from '../platform/secrets/guard-console.js';
import { readEnvironment } from '../platform/settings/settings.js';

/**
 * Runs a command of this project: what goes wrong is told in its own words, without a trace of calls, and nothing that it
 * prints holds a secret of its settings.
 */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  guardCommand();
  try {
    await command();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}

/** Hides the secrets of this command's settings and options in all that it prints. */
export function guardCommand(): void {
  guardConsole(settingsOrNothing());
}

/** Wrong settings are told by the command itself. */
function settingsOrNothing(): NodeJS.ProcessEnv {
  try {
    return readEnvironment();
  } catch {
    return process.env;
  }
}
