import { constants } from 'node:os';
import type { Home } from './home.js';
import { killAll } from './processes.js';

/** npm and other wrappers hand a Ctrl-C on to a process that got it from the terminal already: that is not a second one. */
const SAME_INTERRUPT_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Ends this process in order when it is interrupted: first what it started, then itself. A second interrupt kills.
 *
 * @returns takes the handlers away again
 */
export function endOnInterrupt(home: Home, stop: () => Promise<void>, report: (line: string) => void): () => void {
  let interruptedAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const exitCode = 128 + constants.signals[signal];
    if (interruptedAt !== undefined) {
      if (Date.now() - interruptedAt < SAME_INTERRUPT_MS) return;
      killAll(home.run);
      process.exit(exitCode);
    }
    interruptedAt = Date.now();
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
