import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SettingInfo } from '../platform/settings/setting-info.js';
import { settings } from '../platform/settings/settings-table.js';
import { infoOf } from '../platform/settings/settings.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** The files that are made from the table of settings, by path from the project's root. */
export function configurationFiles(): Record<string, string> {
  const infos = Object.entries(settings.shape).map(([name, schema]) => infoOf(name, schema));
  return { 'docs/configuration.md': configurationPage(infos), '.env.example': environmentExample(infos) };
}

function configurationPage(infos: readonly SettingInfo[]): string {
  const rows = infos.map((info) =>
    [`\`${info.env}\``, info.description, info.expected, defaultText(info), info.usedBy.join(', ')]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return `# Configuration

<!-- Made from platform/settings/settings-table.ts by "npx tsx scripts/write-configuration.ts": edit the table, not this page. -->

All settings are environment variables. A file \`.env\` in the working directory adds those that are not set
(\`.env.example\` is one to begin with). Every program checks the settings it uses when it starts and names all that are
missing or wrong at once. Files that people write may be UTF-8 or UTF-16; what is neither is refused. A name that begins
with \`ZKPOW_\` and is not known is refused with the nearest one that is.

On one machine nothing has to be set: \`npm run demo\` and \`npm run stack\` start what they need and hand the addresses to
every program they start; the other commands find a running stack by its home directory. To use servers of your own, set
\`TEMPORAL_ADDRESS\`, \`DATABASE_URL\` and \`ZKPOW_RPC_URL\`, each by itself or all of them.

| variable | meaning | expected | default | used by |
|---|---|---|---|---|
${rows.map((row) => `| ${row} |`).join('\n')}

Values marked *secret* are never shown in messages or logs. Each may lie in a file instead: \`DATABASE_URL_FILE\` names the
file whose first line is \`DATABASE_URL\`.

## Temporal

Temporal is reached by its own standard variables and profiles: \`TEMPORAL_ADDRESS\`, \`TEMPORAL_NAMESPACE\`,
\`TEMPORAL_API_KEY\`, \`TEMPORAL_TLS_*\`, \`TEMPORAL_PROFILE\`, \`TEMPORAL_CONFIG_FILE\`, as its own command line reads them. Each miner has a
namespace of its own; the start script makes it with the search attributes.

## Traces

Traces are made where \`OTEL_EXPORTER_OTLP_ENDPOINT\` (or \`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\`) is set, one for each sequence,
and sent by OTLP over HTTP. \`OTEL_SERVICE_NAME\`, \`OTEL_RESOURCE_ATTRIBUTES\`, \`OTEL_EXPORTER_OTLP_HEADERS\`,
\`OTEL_TRACES_SAMPLER\` and \`OTEL_BSP_*\` hold as their specification says.

## Where things lie

Run state lies in \`ZKPOW_HOME\`: \`data/\` (databases, chain), \`logs/\` (one file a process; \`.old\` is the run before) and
\`run/\` (which processes run and where they answer). What is made once lies in \`ZKPOW_CACHE\`, shared by all clones.

Postgres refuses to run as root. For root it runs as the user \`postgres\` (made if there is none), and its programs and
data lie in the places above only if that user can enter them; else in \`/var/lib/zkpow\`. \`npm run clean\` deletes them
there as well.
`;
}

function defaultText(info: SettingInfo): string {
  const text = typeof info.default === 'object' ? info.default.text : info.default;
  const shown = text === undefined ? 'none' : `\`${text}\``;
  return info.secret ? `${shown} *(secret)*` : shown;
}

function environmentExample(infos: readonly SettingInfo[]): string {
  const lines = infos.map((info) => {
    const value = typeof info.default === 'string' ? info.default : '';
    return `# ${info.description}\n# Expected: ${info.expected}.\n# ${info.env}=${value}\n`;
  });
  const head =
    '# Copy to .env and take the "# " from the lines you set. Made from platform/settings/settings-table.ts.\n';
  return [head, ...lines].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, content] of Object.entries(configurationFiles())) {
    const file = join(ROOT, path);
    if (tryRead(file) !== content) writeFileSync(file, content);
    console.log(path);
  }
}

function tryRead(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
