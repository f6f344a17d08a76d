/** What a scenario found wrong. */
export class ScenarioFailedError extends Error {
  override readonly name = 'ScenarioFailedError';
  constructor(readonly problems: readonly string[]) {
    super(problems.map((problem) => `- ${problem}`).join('\n'));
  }
}

/** Collects what does not hold, so that one look shows all of it. */
export interface Checks {
  /** @param claim what must hold, as a sentence */
  must(holds: boolean, claim: string, found?: unknown): void;
  equal(found: unknown, expected: unknown, what: string): void;
  /** What did not hold until now. */
  problems(): readonly string[];
  /** @throws ScenarioFailedError if anything did not hold */
  done(): void;
}

export function createChecks(): Checks {
  const problems: string[] = [];
  const must = (holds: boolean, claim: string, found?: unknown): void => {
    if (!holds) problems.push(found === undefined ? claim : `${claim}; found ${show(found)}`);
  };
  return {
    must,
    equal: (found, expected, what) => must(show(found) === show(expected), `${what} must be ${show(expected)}`, found),
    problems: () => problems,
    done() {
      if (problems.length > 0) throw new ScenarioFailedError(problems);
    },
  };
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${item}` : item)) ?? 'undefined';
}
