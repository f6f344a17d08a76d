import { parseArgs } from 'node:util';
import { withoutKeys } from '../platform/settings/key-variables.js';
import { settingInfo, type SettingUser } from '../platform/settings/setting-info.js';
import { settings } from '../platform/settings/settings-table.js';

/** A command-line option: another way to give a setting, for this run only. */
export interface Flag {
  /** Name of its value in the help. */
  value: string;
  env: string;
  description: string;
}

/** One kind of worker, as the command line offers it. */
export interface Role {
  name: string;
  summary: string;
  /** Whose settings it reads; null for a role that needs none but the cache. */
  settingsOf: SettingUser | null;
  flags: Record<string, Flag>;
  /** What `--check` tells; a role without it has no such option. */
  check?: string;
}

/** A command line that makes no sense; the message says what would. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What to do: run a role in an environment, check whether it could run, or print a help text. */
export type WorkerCommand = { role: Role; env: NodeJS.ProcessEnv; check?: true } | { help: string };

/**
 * The environment of a role holds no key of another one, wherever it was set.
 *
 * @throws UsageError for an unknown role or option
 */
export function parseWorkerCommand(
  args: readonly string[],
  roles: readonly Role[],
  env: NodeJS.ProcessEnv,
): WorkerCommand {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === 'help') return { help: overview(roles) };
  const role = roles.find((candidate) => candidate.name === name);
  if (!role) {
    throw new UsageError(`There is no worker "${name}". Known: ${roles.map((known) => known.name).join(', ')}.`);
  }
  const values = parseFlags(role, rest);
  if (values['help'] === true) return { help: describeRole(role) };
  const given: NodeJS.ProcessEnv = {};
  for (const [flag, { env: variable }] of Object.entries(role.flags)) {
    const value = values[flag];
    if (typeof value === 'string') given[variable] = value;
  }
  const check = values['check'] === true ? { check: true as const } : {};
  return { role, env: { ...withoutKeys(env, role.settingsOf), ...given }, ...check };
}

function parseFlags(role: Role, args: string[]): Record<string, unknown> {
  const options = Object.fromEntries(Object.keys(role.flags).map((flag) => [flag, { type: 'string' as const }]));
  try {
    const switches = { help: { type: 'boolean' as const }, ...(role.check && { check: { type: 'boolean' as const } }) };
    return parseArgs({ args, options: { ...options, ...switches } }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${reason}. "npm run worker -- ${role.name} --help" lists the options.`);
  }
}

function overview(roles: readonly Role[]): string {
  const lines = roles.map(({ name, summary }) => `  ${name.padEnd(12)}${summary}`);
  return [
    'Runs one worker until it is told to end (SIGTERM or Ctrl-C).',
    '',
    '  npm run worker -- ROLE [options]',
    '',
    ...lines,
    '',
    'npm run worker -- ROLE --help shows its options and settings.',
  ].join('\n');
}

function describeRole({ name, summary, flags, settingsOf, check }: Role): string {
  const options = Object.entries(flags).map(
    ([flag, { value, description, env }]) => `  ${`--${flag} ${value}`.padEnd(28)}${description} (${env})`,
  );
  return [
    `${summary}.`,
    '',
    `  npm run worker -- ${name}${options.length > 0 ? ' [options]' : ''}`,
    ...(check ? [`  npm run worker -- ${name} --check`.padEnd(40) + check] : []),
    ...(options.length > 0 ? ['', 'Options, each the same as the setting in brackets:', ...options] : []),
    ...(settingsOf ? ['', 'Settings, from the environment or a file .env:', ...describeSettings(settingsOf)] : []),
  ].join('\n');
}

function describeSettings(user: SettingUser): string[] {
  const lines = Object.values(settings.shape).flatMap((schema) => {
    const info = settingInfo.get(schema);
    if (!info?.usedBy.includes(user)) return [];
    const fallback = typeof info.default === 'object' ? info.default.text : info.default;
    return `  ${info.env.padEnd(30)}${info.description}${fallback === undefined ? '' : ` Default: ${fallback}.`}`;
  });
  return [...lines, `  ${'TEMPORAL_ADDRESS, …'.padEnd(30)}Temporal's own variables and profiles.`];
}
