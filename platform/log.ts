import { pino, type Logger } from 'pino';
import { identityOfLine } from './telemetry/activity-identity.js';
import { findSecrets } from './secrets/find-secrets.js';
import { createRedact, redactJsonLine } from './secrets/redact.js';
import { settings } from './settings/settings-table.js';

export type { Logger } from 'pino';

/**
 * The log of one worker: a line of JSON each, to the standard output. A line written in the course of an activity says
 * which one: sequence, round, task. Values of secret settings are not in it, not even inside the message of an error.
 */
export function createLog(role: string, level: string, env: NodeJS.ProcessEnv): Logger {
  const redact = createRedact(findSecrets(env));
  return pino({
    level,
    base: { role, pid: process.pid },
    // A copy: pino writes the line's own fields into it.
    mixin: (line) => ({ ...identityOfLine(line) }),
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
    hooks: { streamWrite: (line) => redactJsonLine(line, redact) },
  });
}

/** The level that is set; one that is none is told by the role, together with all else that is wrong. */
export function logLevelOf(env: NodeJS.ProcessEnv): string {
  const level = settings.shape.logLevel.safeParse(env['ZKPOW_LOG_LEVEL']?.trim());
  return level.success ? level.data : 'info';
}
