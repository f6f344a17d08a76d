import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A file that a person wrote holds no text; the message names it and says how to save it. */
export class NotTextError extends Error {
  override readonly name = 'NotTextError';
}

/** Byte order marks, and how a text that begins with one is encoded. UTF-32 begins as UTF-16 does; its zeros give it away. */
const MARKS = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { bytes: [0xff, 0xfe], encoding: 'utf-16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

/**
 * Reads a text file that a person wrote, as editors of all systems save it: UTF-8, or UTF-16 with a byte order mark. The
 * mark is no part of the text.
 *
 * @throws NotTextError if it is in another encoding; else the error of the file system
 */
export function readTextFileSync(path: string): string {
  return decodeText(readFileSync(path), path);
}

/** As `readTextFileSync`. */
export async function readTextFile(path: string): Promise<string> {
  return decodeText(await readFile(path), path);
}

/**
 * @param path names the file in the error
 * @throws NotTextError
 */
function decodeText(bytes: Uint8Array, path: string): string {
  const mark = MARKS.find((known) => known.bytes.every((byte, index) => bytes[index] === byte));
  const encoding = mark?.encoding ?? 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new NotTextError(`${path} is not ${encoding.toUpperCase()} text: save it as UTF-8`);
  }
  if (text.includes('\0')) {
    throw new NotTextError(`${path} holds zero bytes, as UTF-16 without a byte order mark does: save it as UTF-8`);
  }
  return text;
}
