import type { Arena } from './arena.js';
import type { Checks } from './checks.js';
import type { Random } from './random.js';

/** What a run of a scenario measured: for people and for `docs/reliability.md`, never asserted. */
export type Figures = Record<string, number | string>;

/** How large a run is: as docs/reliability.md says, or small enough for the tests. */
export type Size = 'full' | 'small';

export interface ScenarioContext {
  arena: Arena;
  seed: number;
  size: Size;
  random: Random;
  /** Of this run alone: logs, homes of its miners. */
  directory: string;
  checks: Checks;
  /** Tells a person what is going on. */
  report: (line: string) => void;
  /** Ends the run at once: what happened makes all further waiting vain. */
  fail: (error: Error) => void;
  /** Has something ended with the run; the last first. */
  defer: (close: () => Promise<unknown>) => void;
}

/** Something that goes wrong, and what must hold all the same. */
export interface Scenario {
  name: string;
  /** What happens. */
  happens: string;
  /** What must hold. */
  holds: string;
  /** How many seeds a full run has, and how many a run among the tests. */
  seeds: Record<Size, number>;
  /** Whether a full run asserts times so short that nothing else may run beside it. */
  fullRunsAlone?: true;
  run(context: ScenarioContext): Promise<Figures>;
}
