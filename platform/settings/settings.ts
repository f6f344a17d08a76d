import { existsSync } from 'node:fs';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { NotTextError, readTextFileSync } from '../text-file.js';
import { parseEnvironmentFile, type EnvironmentFile } from './environment-file.js';
import { misspeltNames } from './misspelt-names.js';
import { SecretFileError, withSecretFiles } from './secret-files.js';
import { settingInfo, type SettingInfo } from './setting-info.js';
import { settings } from './settings-table.js';

/** Settings that are missing or wrong: all of them at once, each with what was expected. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    super(
      `${problems.length === 1 ? 'One setting is' : `${problems.length} settings are`} missing or wrong:\n` +
        problems.map((problem) => `  ${problem}`).join('\n') +
        '\nSet them in the environment or in a file .env; docs/configuration.md explains each.',
    );
  }
}

/**
 * The environment of this process, with what a file adds to it (`.env` in the working directory, or the one that
 * `ZKPOW_ENV_FILE` names), and secrets that lie in files of their own.
 *
 * @throws SettingsError if such a file cannot be read or is wrong, or a name is misspelt: what is not understood would be
 * replaced by a default
 */
export function readEnvironment(
  given: NodeJS.ProcessEnv = process.env,
  file = given['ZKPOW_ENV_FILE'] || '.env',
): NodeJS.ProcessEnv {
  const { values, problems } = readEnvironmentFile(file);
  if (given['ZKPOW_ENV_FILE'] && !existsSync(file)) problems.push(`ZKPOW_ENV_FILE names ${file}, which is not there`);
  const env = { ...values, ...given };
  problems.push(...misspeltNames(Object.keys(env)));
  if (problems.length > 0) throw new SettingsError(problems);
  try {
    return withSecretFiles(env);
  } catch (error) {
    if (error instanceof SecretFileError) throw new SettingsError([error.message]);
    throw error;
  }
}

function readEnvironmentFile(file: string): EnvironmentFile {
  if (!existsSync(file)) return { values: {}, problems: [] };
  try {
    return parseEnvironmentFile(readTextFileSync(file), file);
  } catch (error) {
    if (error instanceof NotTextError) return { values: {}, problems: [error.message] };
    throw error;
  }
}

/** A setting's text by its name in the table, before it is parsed: undefined where it is not set and has no default. */
export type SettingTexts = Readonly<Record<string, string | undefined>>;

/**
 * Reads the settings that a program uses.
 *
 * @param wanted part of the table: `settings.pick({ home: true, chainId: true })`; `.partial({ … })` makes some optional
 * @param check what is wrong between settings that are right each by itself
 * @throws SettingsError naming every setting that is missing or wrong
 */
export function readSettings<Shape extends z.ZodRawShape>(
  env: NodeJS.ProcessEnv,
  wanted: z.ZodObject<Shape>,
  check: (texts: SettingTexts) => readonly string[] = () => [],
): z.infer<z.ZodObject<Shape>> {
  const texts: Record<string, string | undefined> = {};
  const problems: string[] = [];
  for (const [name, schema] of Object.entries(wanted.shape)) {
    const info = infoOf(name, schema);
    const value = env[info.env]?.trim() || defaultOf(info, env);
    texts[name] = value;
    if (!z.safeParse(schema, value).success) problems.push(describeProblem(info, value));
  }
  problems.push(...check(texts));
  if (problems.length > 0) throw new SettingsError(problems);
  return wanted.parse(texts);
}

/** What every worker has that a person looks at. */
const telemetrySettings = settings
  .pick({ logLevel: true, metricsAddress: true, otlpEndpoint: true })
  .partial({ metricsAddress: true, otlpEndpoint: true });

/**
 * Reads all that a worker is told, before it connects to anything: its settings, its log, metrics and traces, and how
 * to reach Temporal.
 *
 * @param check as in `readSettings`
 * @throws SettingsError naming everything that is missing or wrong
 */
export function readWorkerSettings<Shape extends z.ZodRawShape>(
  env: NodeJS.ProcessEnv,
  wanted: z.ZodObject<Shape>,
  check?: (texts: SettingTexts) => readonly string[],
): { given: z.infer<z.ZodObject<Shape>>; temporal: ClientConnectConfig } {
  const problems: string[] = [];
  const collect = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  collect(() => readSettings(env, telemetrySettings));
  const given = collect(() => readSettings(env, wanted, check));
  const temporal = collect(() => readTemporalSettings(env));
  if (given === undefined || temporal === undefined || problems.length > 0) throw new SettingsError(problems);
  return { given, temporal };
}

/**
 * How to reach Temporal, by its own standard variables (`TEMPORAL_ADDRESS`, `TEMPORAL_NAMESPACE`, `TEMPORAL_API_KEY`,
 * `TEMPORAL_TLS_*`, …) and profiles. Without an address in them, `connectionOptions.address` is undefined.
 */
export function readTemporalSettings(env: NodeJS.ProcessEnv): ClientConnectConfig {
  const overrideEnvVars: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) if (value !== undefined) overrideEnvVars[name] = value;
  try {
    return loadClientConnectConfig({ overrideEnvVars });
  } catch (error) {
    throw new SettingsError([`TEMPORAL_*: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

/** What the table says of one setting, also where `.partial()` made it optional. */
export function infoOf(name: string, schema: z.core.$ZodType): SettingInfo {
  const info = settingInfo.get(schema instanceof z.ZodOptional ? schema.unwrap() : schema);
  if (info === undefined) throw new Error(`the setting ${name} is not in the table of settings`);
  return info;
}

function defaultOf(info: SettingInfo, env: NodeJS.ProcessEnv): string | undefined {
  return typeof info.default === 'object' ? info.default.from(env) : info.default;
}

function describeProblem(info: SettingInfo, value: string | undefined): string {
  if (value === undefined) return `${info.env} is not set: expected ${info.expected}. ${info.description}`;
  const shown = info.secret ? `(not shown${info.explain ? `: ${info.explain(value)}` : ''})` : JSON.stringify(value);
  return `${info.env} is ${shown}: expected ${info.expected}`;
}
