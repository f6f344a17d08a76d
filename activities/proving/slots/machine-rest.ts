/** After two failures in a row that lie in the machine it takes no task for so long, then for twice as long, … */
const FIRST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;

/** Keeps a machine that fails at once from using up the tries of every task. */
export interface MachineRest {
  failed(): void;
  succeeded(): void;
  /** By `performance.now()`; in the past where the machine may go on. */
  untilMs(): number;
}

/** @param onRest called at the beginning of a rest */
export function createMachineRest(onRest: (restMs: number) => void): MachineRest {
  let failures = 0;
  let until = -Infinity;
  return {
    failed() {
      failures += 1;
      if (failures < 2) return;
      const restMs = Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - 2));
      until = performance.now() + restMs;
      onRest(restMs);
    },
    succeeded() {
      failures = 0;
    },
    untilMs: () => until,
  };
}
