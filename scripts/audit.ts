import { parseArgs } from 'node:util';
import { defaultCacheDirectory } from '../platform/artifact-cache.js';
import { runHalmos } from './audit/halmos.js';
import { auditPython } from './audit/python-tools.js';
import { runSlither } from './audit/slither.js';
import { runCommand } from '../local-stack/run-command.js';

/**
 * `npm run audit:contracts [-- slither | halmos]`: slither reads the contracts for known mistakes, halmos tries the
 * arithmetic of windows and shares on all inputs at once. Fails on a finding without an answer; see docs/audit.md.
 */

const TOOLS = { slither: runSlither, halmos: runHalmos };
type Tool = keyof typeof TOOLS;

function toolsToRun(names: string[]): Tool[] {
  const known = (name: string): name is Tool => name in TOOLS;
  const unknown = names.filter((name) => !known(name));
  if (unknown.length > 0)
    throw new Error(`no such tool: ${unknown.join(', ')}. Tools: ${Object.keys(TOOLS).join(', ')}`);
  const chosen = names.filter(known);
  return chosen.length > 0 ? chosen : ['slither', 'halmos'];
}

await runCommand(async () => {
  const { positionals } = parseArgs({ allowPositionals: true });
  const tools = toolsToRun(positionals);
  const python = await auditPython(defaultCacheDirectory());
  for (const tool of tools) await TOOLS[tool](python);
});
