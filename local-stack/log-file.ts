import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 16_384;

/** The end of a log file, for an error message; however long the file is, only its end is read. */
export function lastLines(path: string, count = 15): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return '(there is no such file)';
  }
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, TAIL_BYTES));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const text = tail.toString('utf8').trimEnd();
    return text === '' ? '(it is empty)' : text.split('\n').slice(-count).join('\n');
  } finally {
    closeSync(file);
  }
}
