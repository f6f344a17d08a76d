import { settingInfo } from './setting-info.js';
import { settings } from './settings-table.js';

/** Names that are no settings: what docker-compose.yml, units, tests and programs of this project tell each other. */
const OTHER_NAMES = [
  'ZKPOW_ENV_FILE',
  'ZKPOW_NAMESPACE',
  'ZKPOW_PUBLISH_ADDRESS',
  'ZKPOW_PROVERS',
  'ZKPOW_BENCH_CONFIG',
  'ZKPOW_DIFFERENTIAL_RUNS',
  'ZKPOW_DIFFERENTIAL_SEED',
  'ZKPOW_RECORD_HISTORIES',
  'ZKPOW_SCENARIO_STAGE_SECONDS',
  'ZKPOW_SCENARIO_WORKERS',
];

/** Temporal's own; `TEMPORAL_GRPC_META_…` ends with any name. */
const TEMPORAL_NAMES = [
  ...['ADDRESS', 'NAMESPACE', 'API_KEY', 'PROFILE', 'CONFIG_FILE', 'CODEC_ENDPOINT', 'CODEC_AUTH', 'TLS'],
  ...['TLS_CLIENT_CERT_PATH', 'TLS_CLIENT_CERT_DATA', 'TLS_CLIENT_KEY_PATH', 'TLS_CLIENT_KEY_DATA'],
  ...['TLS_SERVER_CA_CERT_PATH', 'TLS_SERVER_CA_CERT_DATA', 'TLS_SERVER_NAME', 'TLS_DISABLE_HOST_VERIFICATION'],
].map((name) => `TEMPORAL_${name}`);

/** So many letters that are wrong, missing or too many still make a name a misspelt one. */
const CLOSE = 2;

/** Every `ZKPOW_` name that means something to some program of this project, whichever reads it. */
export function knownNames(): Set<string> {
  const names = Object.values(settings.shape).flatMap((schema) => {
    const info = settingInfo.get(schema);
    if (info === undefined) return [];
    return info.secret ? [info.env, `${info.env}_FILE`] : [info.env];
  });
  return new Set([...names.filter((name) => name.startsWith('ZKPOW_')), ...OTHER_NAMES]);
}

/**
 * Names in an environment that nobody reads and that were meant for us: all others that begin with `ZKPOW_`, and those
 * that differ from a setting's or a Temporal variable's name by a letter or two.
 *
 * @returns a problem for each, with the nearest known name
 */
export function misspeltNames(names: readonly string[]): string[] {
  const own = knownNames();
  const known = new Set([...own, ...TEMPORAL_NAMES]);
  return names.flatMap((name) => {
    if (known.has(name) || name.startsWith('TEMPORAL_GRPC_META_')) return [];
    const [nearest] = [...known]
      .map((candidate) => ({ candidate, distance: editDistance(name.toUpperCase(), candidate) }))
      .sort((a, b) => a.distance - b.distance);
    if (nearest === undefined || (nearest.distance > CLOSE && !/^zkpow_/i.test(name))) return [];
    return [`${JSON.stringify(name).slice(1, -1)} is not a setting: did you mean ${nearest.candidate}?`];
  });
}

/** How many letters have to be changed, added or taken away to make one text the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const changed = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(changed, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
