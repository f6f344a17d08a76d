import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const solcSettings = z.object({
  optimizer: z.object({ enabled: z.boolean(), runs: z.number() }),
  evmVersion: z.string(),
  metadata: z.object({ bytecodeHash: z.string(), appendCBOR: z.boolean() }),
});

const scripts = dirname(fileURLToPath(import.meta.url));

/** Root of the checkout, where foundry.toml is. */
export const PROJECT_DIRECTORY = join(scripts, '..');

/** What makes forge use the compiler from npm, with the settings that the deployed contracts are compiled with. */
export function forgeEnvironment(): Record<string, string> {
  const file = join(PROJECT_DIRECTORY, 'contracts/solc-settings.json');
  const settings = solcSettings.parse(JSON.parse(readFileSync(file, 'utf8')));
  return {
    FOUNDRY_SOLC: join(scripts, 'solc-wrapper.mjs'),
    FOUNDRY_OFFLINE: 'true',
    FOUNDRY_OPTIMIZER: String(settings.optimizer.enabled),
    FOUNDRY_OPTIMIZER_RUNS: String(settings.optimizer.runs),
    FOUNDRY_EVM_VERSION: settings.evmVersion,
    FOUNDRY_BYTECODE_HASH: settings.metadata.bytecodeHash,
    FOUNDRY_CBOR_METADATA: String(settings.metadata.appendCBOR),
  };
}
