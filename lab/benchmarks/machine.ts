import { cpus, loadavg, totalmem } from 'node:os';

/** The machine in a line: processors and memory. */
export function describeMachine(): string {
  const processor = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${cpus().length} × ${processor}, ${gibibytes(totalmem())} memory, Node ${process.versions.node}`;
}

/** Load average of the last minute: what else is running changes every figure. */
export function currentLoad(): number {
  return loadavg()[0] ?? 0;
}

export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
