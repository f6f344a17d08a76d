import { withoutNumbers } from '../../without-numbers.js';

/** The same trouble of the same endpoint is told again after so long. */
const TOLD_AGAIN_AFTER_MS = 60_000;

/**
 * Tells of changes of what is wrong with endpoints, each once: that numbers in the text move on is no change, and an
 * endpoint that fails now and then would fill the log.
 *
 * @returns given an endpoint's name and what is wrong with it now, null for nothing
 */
export function createTroubleNews(
  tell: (endpoint: string, trouble: string | null) => void,
): (endpoint: string, trouble: string | null) => void {
  const shown = new Map<string, string>();
  const toldAtMs = new Map<string, number>();
  return (endpoint, trouble) => {
    const kind = trouble === null ? null : withoutNumbers(trouble);
    const before = shown.get(endpoint) ?? null;
    if (before === kind) return;
    if (kind === null) shown.delete(endpoint);
    else shown.set(endpoint, kind);
    const change = `${endpoint} ${kind ?? `without ${before}`}`;
    if (Date.now() - (toldAtMs.get(change) ?? 0) < TOLD_AGAIN_AFTER_MS) return;
    toldAtMs.set(change, Date.now());
    tell(endpoint, trouble);
  };
}
