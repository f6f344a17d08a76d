import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { NotTextError, readTextFile, readTextFileSync } from '../../platform/text-file.js';

const directory = mkdtempSync(join(tmpdir(), 'zkpow-text-'));
const path = join(directory, 'note.txt');
afterAll(() => rmSync(directory, { recursive: true }));

const TEXT = 'fee=5\npässword=ｆｕｌｌ\n';
const littleEndian = Buffer.from(TEXT, 'utf16le');

test.each([
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a mark', Buffer.from(`\uFEFF${TEXT}`)],
  ['UTF-16, low byte first', Buffer.concat([Buffer.from([0xff, 0xfe]), littleEndian])],
  ['UTF-16, high byte first', Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(littleEndian).swap16()])],
])('reads %s as the same text', async (_, bytes) => {
  writeFileSync(path, bytes);
  expect(readTextFileSync(path)).toBe(TEXT);
  expect(await readTextFile(path)).toBe(TEXT);
});

test.each([
  ['Latin-1', Buffer.from(TEXT.replace(/[^\0-ÿ]/g, ''), 'latin1'), 'is not UTF-8 text'],
  ['UTF-16 without a mark', Buffer.from('fee=5', 'utf16le'), 'holds zero bytes'],
  ['half a UTF-16 character', Buffer.from([0xff, 0xfe, 0x41]), 'is not UTF-16LE text'],
  ['UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), 'holds zero bytes'],
])('refuses %s by name and says what to do', (_, bytes, reason) => {
  writeFileSync(path, bytes);
  expect(() => readTextFileSync(path)).toThrow(NotTextError);
  expect(() => readTextFileSync(path)).toThrow(`${path} ${reason}`);
  expect(() => readTextFileSync(path)).toThrow('save it as UTF-8');
});
