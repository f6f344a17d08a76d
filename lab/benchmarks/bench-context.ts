import type { BenchOptions } from './bench-options.js';
import type { BenchServers } from './bench-servers.js';
import type { BenchOutcome } from './measurement.js';

/** What every benchmark is given. */
export interface BenchContext {
  servers: BenchServers;
  options: BenchOptions;
  report(line: string): void;
}

/** A benchmark of several cases has several outcomes. */
export type Benchmark = (context: BenchContext) => Promise<BenchOutcome[]>;
