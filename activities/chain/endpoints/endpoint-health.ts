import { describeRpcError, NoAnswerError, RateLimitedError } from './rpc-errors.js';

/** So many failures in a row put an endpoint behind the others for a while. */
const FAILURES_IN_A_ROW = 2;
const FIRST_AVOIDED_MS = 500;
const LONGEST_AVOIDED_MS = 30_000;
/** Where a service asks for fewer requests and says nothing of how long. */
const DEFAULT_PAUSE_MS = 1_000;

/** How the requests to an endpoint went, and when it is to be asked again. */
export interface EndpointHealth {
  asked(): void;
  /** The node answered, be it with the revert of a contract. */
  answered(): void;
  failed(error: unknown): void;
  /** It was silent for so long that another one was asked beside it. */
  wasSilent(): void;
  /** Until when it wants no requests; milliseconds since 1970. */
  pausedUntilMs(): number;
  /** Until when it is asked after the others; milliseconds since 1970. */
  avoidedUntilMs(): number;
  /** What went wrong with its last request, null if it was answered. */
  lastProblem(): string | null;
  counts(): RequestCounts;
}

export interface RequestCounts {
  requests: number;
  /** Requests without an answer of the node. */
  failures: number;
  /** Requests that it refused because there were too many. */
  rateLimited: number;
}

export function createEndpointHealth(): EndpointHealth {
  const counts: RequestCounts = { requests: 0, failures: 0, rateLimited: 0 };
  let failuresInARow = 0;
  let pausedUntilMs = 0;
  let avoidedUntilMs = 0;
  let lastProblem: string | null = null;
  return {
    asked: () => void (counts.requests += 1),
    answered() {
      failuresInARow = 0;
      lastProblem = null;
    },
    failed(error) {
      lastProblem = describeRpcError(error);
      if (error instanceof RateLimitedError) {
        counts.rateLimited += 1;
        pausedUntilMs = Date.now() + (error.retryAfterMs ?? DEFAULT_PAUSE_MS);
      } else if (!(error instanceof NoAnswerError)) {
        failuresInARow = 0;
      } else {
        counts.failures += 1;
        failuresInARow += 1;
        if (failuresInARow < FAILURES_IN_A_ROW) return;
        const avoidedMs = FIRST_AVOIDED_MS * 2 ** (failuresInARow - FAILURES_IN_A_ROW);
        avoidedUntilMs = Date.now() + Math.min(LONGEST_AVOIDED_MS, avoidedMs);
      }
    },
    wasSilent: () => void (avoidedUntilMs = Date.now() + LONGEST_AVOIDED_MS),
    pausedUntilMs: () => pausedUntilMs,
    avoidedUntilMs: () => avoidedUntilMs,
    lastProblem: () => lastProblem,
    counts: () => ({ ...counts }),
  };
}
