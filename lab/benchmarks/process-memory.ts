import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const SAMPLE_MS = 1_000;

/** Watches how much memory a set of processes and all their descendants take together. */
export interface MemoryWatch {
  /** Largest sum seen, in bytes. */
  stop(): number;
}

/** @param roots asked at each look: process ids whose trees are to be measured */
export function watchMemory(roots: () => readonly number[]): MemoryWatch {
  let peakBytes = 0;
  const look = (): void => {
    peakBytes = Math.max(peakBytes, memoryOf(roots()));
  };
  look();
  const timer = setInterval(look, SAMPLE_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return peakBytes;
    },
  };
}

export function memoryOf(roots: readonly number[]): number {
  const table = processTable();
  const seen = new Set<number>();
  const queue = [...roots];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    if (seen.has(pid)) continue;
    seen.add(pid);
    for (const [child, { parent }] of table) if (parent === pid) queue.push(child);
  }
  return [...seen].reduce((sum, pid) => sum + (proportionalBytes(pid) ?? table.get(pid)?.residentBytes ?? 0), 0);
}

function processTable(): Map<number, { parent: number; residentBytes: number }> {
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid=,rss='], { encoding: 'utf8' });
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return new Map(
    rows.map(([pid = 0, parent = 0, kilobytes = 0]) => [pid, { parent, residentBytes: kilobytes * 1024 }]),
  );
}

/** Linux: what several processes share is counted once, in parts (proc(5), smaps_rollup). */
function proportionalBytes(pid: number): number | null {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
