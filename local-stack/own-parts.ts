import type { OwnPart } from './parts.js';
import type { StartedProcess } from './processes.js';

export type PartName = 'temporal' | 'postgres' | 'anvil';

export interface OwnParts {
  /** The processes that run now. */
  parts: ReadonlyMap<PartName, StartedProcess>;
  restart(name: PartName): Promise<StartedProcess>;
}

/**
 * Looks after the servers that a stack started: one that ends by itself is started again on the same data and port, so
 * that all who use it go on.
 *
 * @param restartEnded false leaves an ended part down, until `restart` is called
 * @param ending fires when the stack is being ended
 */
export function keepParts(
  own: ReadonlyMap<PartName, OwnPart>,
  restartEnded: boolean,
  ending: AbortSignal,
  report: (line: string) => void,
): OwnParts {
  const parts = new Map<PartName, StartedProcess>();

  const watch = (name: PartName, process: StartedProcess): StartedProcess => {
    parts.set(name, process);
    if (restartEnded) void process.exited.then(() => onExit(name, process));
    return process;
  };
  const restart = async (name: PartName): Promise<StartedProcess> => {
    const part = own.get(name);
    if (part === undefined) throw new Error(`${name} was not started here: a setting names a running one`);
    const running = parts.get(name);
    // No longer the current one: its end is wanted.
    parts.delete(name);
    await running?.stop();
    return watch(name, await part.start());
  };
  const onExit = async (name: PartName, process: StartedProcess): Promise<void> => {
    if (ending.aborted || parts.get(name) !== process) return;
    report(`${name} ended by itself: starting it again (its log is ${process.logFile})`);
    try {
      await restart(name);
    } catch (error) {
      if (!ending.aborted) report(error instanceof Error ? error.message : String(error));
    }
  };

  for (const [name, part] of own) watch(name, part.process);
  return { parts, restart };
}
