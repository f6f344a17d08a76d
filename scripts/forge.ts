import { spawn } from 'node:child_process';
import { forgeEnvironment, PROJECT_DIRECTORY } from './forge-environment.js';
import { foundryProgram } from '../local-stack/anvil.js';

/**
 * `npm run test:contracts`, or `tsx scripts/forge.ts COMMAND …`: forge with the compiler from npm and
 * the settings that the deployed contracts are compiled with. Nothing is downloaded.
 */

const forge = spawn(foundryProgram('forge'), process.argv.slice(2), {
  cwd: PROJECT_DIRECTORY,
  stdio: 'inherit',
  env: { ...process.env, ...forgeEnvironment() },
});
forge.on('error', (error) => {
  console.error(`forge did not start: ${error.message}`);
  process.exitCode = 1;
});
forge.on('close', (code) => {
  process.exitCode = code ?? 1;
});
