import { pino, type Logger } from 'pino';
import { identityOfLine } from './telemetry/activity-identity.js';
import { settingInfo } from './settings/setting-info.js';
import { settings } from './settings/settings-table.js';

export type { Logger } from 'pino';

/**
 * The log of one worker: a line of JSON each, to the standard output. A line written in the course of an activity says
 * which one: sequence, round, task. Values of secret settings are not in it, not even inside the message of an error.
 */
export function createLog(role: string, level: string, env: NodeJS.ProcessEnv): Logger {
  const secrets = secretValues(env);
  return pino({
    level,
    base: { role, pid: process.pid },
    // A copy: pino writes the line's own fields into it.
    mixin: (line) => ({ ...identityOfLine(line) }),
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    hooks: { streamWrite: (line) => secrets.reduce((text, secret) => text.replaceAll(secret, '(not shown)'), line) },
  });
}

/** The level that is set; one that is none is told by the role, together with all else that is wrong. */
export function logLevelOf(env: NodeJS.ProcessEnv): string {
  const level = settings.shape.logLevel.safeParse(env['ZKPOW_LOG_LEVEL']?.trim());
  return level.success ? level.data : 'info';
}

/** Every value of a secret setting, whole and in the parts in which it may turn up in a message. */
function secretValues(env: NodeJS.ProcessEnv): string[] {
  const values = Object.values(settings.shape).flatMap((schema) => {
    const info = settingInfo.get(schema);
    return (info?.secret && env[info.env]?.split(',')) || [];
  });
  const passwords = values.flatMap((value) => (URL.canParse(value) ? new URL(value).password : []));
  const apiKey = env['TEMPORAL_API_KEY'] ?? '';
  return [...values, ...passwords, apiKey].map((value) => value.trim()).filter((value) => value.length > 0);
}
