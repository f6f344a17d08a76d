import { constants } from 'node:os';
import type { Home } from './home.js';
import { killAll } from './processes.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends this process in order when it is interrupted: first what it started, then itself. A second interrupt kills.
 *
 * @returns takes the handlers away again
 */
export function endOnInterrupt(home: Home, stop: () => Promise<void>, report: (line: string) => void): () => void {
  let interrupted = false;
  const onSignal = (signal: NodeJS.Signals) => {
    const exitCode = 128 + constants.signals[signal];
    if (interrupted) {
      killAll(home.run);
      process.exit(exitCode);
    }
    interrupted = true;
    report('Ending all processes');
    stop().then(
      () => process.exit(exitCode),
      (error: unknown) => {
        console.error(error);
        process.exit(exitCode);
      },
    );
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return () => SIGNALS.forEach((signal) => process.off(signal, onSignal));
}
