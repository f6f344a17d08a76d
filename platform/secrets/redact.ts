import type { Secrets } from './find-secrets.js';

const HIDDEN = '(not shown)';
/** Fields of every log line, with values of our own. */
const OWN_FIELDS = new Set(['"level"', '"time"', '"role"']);

export type Redact = (text: string) => string;

/** What hides secrets in a text. */
export function createRedact({ long, short }: Secrets): Redact {
  return (text) => {
    if (short.includes(text)) return HIDDEN;
    let shown = text;
    for (const secret of long) shown = shown.replaceAll(secret, HIDDEN);
    for (const secret of short) shown = shown.replaceAll(`:${secret}@`, `:${HIDDEN}@`);
    return shown;
  };
}

/** Hides secrets in the values of a line of JSON: it stays one, and its names and numbers stay as they are. */
export function redactJsonLine(line: string, redact: Redact): string {
  let name = '';
  return line.replace(/("(?:[^"\\]|\\.)*")(\s*:)?/g, (token: string, text: string, colon: string | undefined) => {
    if (colon !== undefined) {
      name = text;
      return token;
    }
    if (OWN_FIELDS.has(name)) return token;
    const value: unknown = JSON.parse(text);
    return typeof value === 'string' ? JSON.stringify(redact(value)) : token;
  });
}

/** Hides secrets in an error and in all that caused it: it goes to Temporal, where everybody reads it. */
export function redactError(error: unknown, redact: Redact): unknown {
  for (let reason = error, depth = 0; reason instanceof Error && depth < 10; reason = reason.cause, depth++) {
    reason.message = redact(reason.message);
    if (reason.stack !== undefined) reason.stack = redact(reason.stack);
  }
  return error;
}
