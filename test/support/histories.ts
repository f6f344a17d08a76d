import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';

type History = ReturnType<typeof historyFromJSON>;

const DIRECTORY = fileURLToPath(new URL('../histories/', import.meta.url));

/** Keeps a history for the replay test, when asked to: `ZKPOW_RECORD_HISTORIES=1 npx vitest run test/workflows`. */
export function recordHistory(name: string, history: History): void {
  if (!process.env['ZKPOW_RECORD_HISTORIES']) return;
  mkdirSync(DIRECTORY, { recursive: true });
  const words = name.toLowerCase().split(/[^a-z0-9]+/);
  // Who ran it and where is of no use to a replay.
  const json = historyToJSON(history).replaceAll(hostname(), 'recorder');
  const anonymous: unknown = JSON.parse(json, (key, value: unknown) =>
    key === 'identity' ? 'recorder' : key === 'stackTrace' ? '' : value,
  );
  writeFileSync(`${DIRECTORY}${words.slice(0, 7).join('-')}.json`, `${JSON.stringify(anonymous)}\n`);
}

/** All histories that were kept, by name. */
export function recordedHistories(): { name: string; history: History }[] {
  return readdirSync(DIRECTORY).map((file) => ({
    name: file.replace('.json', ''),
    history: historyFromJSON(JSON.parse(readFileSync(`${DIRECTORY}${file}`, 'utf8'))),
  }));
}

/** All that a history says, its payloads decoded: to look for what must not be in it. */
export function textOfHistory(history: History): string {
  const payloads: string[] = [];
  const json = historyToJSON(history);
  JSON.parse(json, (key, value: unknown) => {
    if (key === 'data' && typeof value === 'string') payloads.push(Buffer.from(value, 'base64').toString());
    return value;
  });
  return [json, ...payloads].join('\n');
}
