import { format } from 'node:util';
import { findSecrets } from './find-secrets.js';
import { createRedact } from './redact.js';

const METHODS = ['log', 'info', 'warn', 'error', 'debug'] as const;

/**
 * Hides secrets in all that this process prints from now on, also in what it says of an error that nobody has caught: that
 * ends it.
 *
 * @param env where its secrets are, see `findSecrets`
 */
export function guardConsole(env: NodeJS.ProcessEnv): void {
  const redact = createRedact(findSecrets(env, process.argv.slice(2)));
  for (const method of METHODS) {
    const print = console[method].bind(console);
    console[method] = (...values: unknown[]) => print('%s', redact(format(...values)));
  }
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => {
    console.error(error);
    process.exit(1);
  });
}
