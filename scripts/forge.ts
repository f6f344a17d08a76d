import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { foundryProgram } from './stack/anvil.js';

/**
 * `npm run test:contracts`, or `tsx scripts/forge.ts COMMAND …`: forge with the compiler from npm and
 * the settings that the deployed contracts are compiled with. Nothing is downloaded.
 */

const solcSettings = z.object({
  optimizer: z.object({ enabled: z.boolean(), runs: z.number() }),
  evmVersion: z.string(),
  metadata: z.object({ bytecodeHash: z.string(), appendCBOR: z.boolean() }),
});

const scripts = dirname(fileURLToPath(import.meta.url));
const contracts = join(scripts, '../contracts');
const settings = solcSettings.parse(JSON.parse(readFileSync(join(contracts, 'solc-settings.json'), 'utf8')));

const forge = spawn(foundryProgram('forge'), process.argv.slice(2), {
  cwd: join(scripts, '..'),
  stdio: 'inherit',
  env: {
    ...process.env,
    FOUNDRY_SOLC: join(scripts, 'solc-wrapper.mjs'),
    FOUNDRY_OFFLINE: 'true',
    FOUNDRY_OPTIMIZER: String(settings.optimizer.enabled),
    FOUNDRY_OPTIMIZER_RUNS: String(settings.optimizer.runs),
    FOUNDRY_EVM_VERSION: settings.evmVersion,
    FOUNDRY_BYTECODE_HASH: settings.metadata.bytecodeHash,
    FOUNDRY_CBOR_METADATA: String(settings.metadata.appendCBOR),
  },
});
forge.on('error', (error) => {
  console.error(`forge did not start: ${error.message}`);
  process.exitCode = 1;
});
forge.on('close', (code) => {
  process.exitCode = code ?? 1;
});
