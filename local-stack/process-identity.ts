import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

/**
 * When a process started, as a text that is only ever compared. A process id alone is not enough to know a process
 * again: the system gives the ids of ended processes to new ones.
 *
 * @returns undefined if no such process lives (one that ended and was not yet collected by its parent does not)
 */
export function processStartTime(pid: number): string | undefined {
  if (platform() === 'linux') return linuxStartTime(pid);
  const state = ps(pid, 'state=');
  return state === undefined || state.startsWith('Z') ? undefined : ps(pid, 'lstart=');
}

/** The command line of a process, for telling a person or recognising it; undefined if no such process lives. */
export function processCommandLine(pid: number): string | undefined {
  if (platform() !== 'linux') return ps(pid, 'args=');
  return readProcFile(`/proc/${pid}/cmdline`)?.split('\0').join(' ').trim();
}

function linuxStartTime(pid: number): string | undefined {
  const stat = readProcFile(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // "pid (name) state ppid …": the name may hold spaces and brackets, so count from the last bracket (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTicks = fields[19];
  if (startTicks === undefined || state === 'Z' || state === 'X') return undefined;
  // Ticks count from the machine's start: with the boot's own id they stay unique over a restart of the machine.
  return `${readProcFile('/proc/sys/kernel/random/boot_id')?.trim() ?? ''}/${startTicks}`;
}

function readProcFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function ps(pid: number, column: string): string | undefined {
  const result = spawnSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8' });
  if (result.error) throw new Error(`cannot look up process ${pid}: ${result.error.message}. Install "ps".`);
  const text = result.stdout.trim();
  return text === '' ? undefined : text;
}
