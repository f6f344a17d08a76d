import type { Endpoint } from './endpoint.js';
import { describeRpcError, isRevert } from './rpc-errors.js';

/** After so long a silence the next endpoint is asked beside the silent one. */
const SILENCE_MS = 2_000;

/** In order of preference; those that failed or were silent a moment ago come last. */
export function inOrder(endpoints: readonly Endpoint[]): Endpoint[] {
  const now = Date.now();
  const isAvoided = (endpoint: Endpoint): boolean => endpoint.health.avoidedUntilMs() > now;
  return [...endpoints.filter((endpoint) => !isAvoided(endpoint)), ...endpoints.filter(isAvoided)];
}

/**
 * Asks the next endpoint when one fails, and beside it when it is silent: a view is many requests one after the other,
 * and a window may end meanwhile.
 *
 * @returns what was wrong with each if none answers
 * @throws RpcAnswerError if a contract reverted the call: no other endpoint would say otherwise
 */
export function firstAnswer<T>(
  endpoints: readonly Endpoint[],
  ask: (endpoint: Endpoint) => Promise<T>,
): Promise<{ value: T } | { problems: string[] }> {
  const problems: string[] = [];
  const left = [...endpoints];
  return new Promise((resolve, reject) => {
    const askNext = (): void => {
      const endpoint = left.shift();
      if (!endpoint) return;
      let silence: NodeJS.Timeout;
      const waitInSilence = (): void => {
        silence = setTimeout(() => {
          // Where requests queue for a connection, it is we who are slow.
          if (endpoint.isBusy()) return waitInSilence();
          endpoint.health.wasSilent();
          askNext();
        }, SILENCE_MS);
      };
      waitInSilence();
      const answered = (value: T): void => {
        left.length = 0;
        resolve({ value });
      };
      const failed = (error: unknown): void => {
        if (isRevert(error)) {
          left.length = 0;
          return reject(error);
        }
        problems.push(`${endpoint.name}: ${describeRpcError(error)}`);
        if (problems.length === endpoints.length) resolve({ problems });
        askNext();
      };
      void ask(endpoint)
        .then(answered, failed)
        .finally(() => clearTimeout(silence));
    };
    askNext();
  });
}
