import { readdirSync, readFileSync } from 'node:fs';

/** Kernel clock ticks a second in the files of /proc: fixed by Linux's interface to programs. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time of processes and all their children so far, also those that have ended, in seconds; null where the system has
 * no /proc.
 */
export function cpuSecondsOf(pids: readonly number[]): number | null {
  const table = readTable();
  if (!table) return null;
  let ticks = 0;
  const queue = [...pids];
  const seen = new Set<number>();
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    const own = table.get(pid);
    if (!own || seen.has(pid)) continue;
    seen.add(pid);
    ticks += own.ticks;
    for (const [child, { parent }] of table) if (parent === pid) queue.push(child);
  }
  return ticks / TICKS_PER_SECOND;
}

function readTable(): Map<number, { parent: number; ticks: number }> | null {
  const table = new Map<number, { parent: number; ticks: number }>();
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return null;
  }
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const row = readStat(name);
    if (row) table.set(Number(name), row);
  }
  return table.size === 0 ? null : table;
}

/** proc(5): parent is field 4; user and system time, own and of ended children, are fields 14 to 17. */
function readStat(pid: string): { parent: number; ticks: number } | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is a program's name in brackets, with whatever in it.
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
    return { parent: fields[1] ?? 0, ticks };
  } catch {
    // It has ended in the meantime.
    return null;
  }
}
