/** What one check found. */
export interface CheckLine {
  /** What was looked at. */
  subject: string;
  ok: boolean;
  /** What was found, or what to change. */
  text: string;
}

/** Something that has to be changed before this machine can prove. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError';
}

/** Makes a line of what a check returns or throws. */
export async function check(subject: string, look: () => Promise<string> | string): Promise<CheckLine> {
  try {
    return { subject, ok: true, text: await look() };
  } catch (error) {
    return { subject, ok: false, text: error instanceof Error ? error.message : String(error) };
  }
}

export function checkText({ subject, ok, text }: CheckLine): string {
  return `${ok ? 'ok    ' : 'change'}  ${subject.padEnd(16)}${text}`;
}
