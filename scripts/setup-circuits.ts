import { parseArgs } from 'node:util';
import { createNoirBackend } from '../provers/backends/noir/noir-backend.js';
import { demoType } from '../rollup-types/registry.js';
import { settings } from '../platform/settings/settings-table.js';
import { readEnvironment, readSettings } from '../platform/settings/settings.js';
import { sampleProof } from '../local-stack/mining/sample-proof.js';
import { runCommand } from '../local-stack/run-command.js';

const HELP = `npm run setup-circuits

Makes what real proofs need and keeps it in the cache: trusted set-up, circuits, keys, Solidity verifier and
the sample proof that the verifier is registered with. Everything else
makes it when it first needs it; this is for a mining machine that is to be ready before its first task.`;

await runCommand(async () => {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help) console.log(HELP);
  else await setUpCircuits();
});

async function setUpCircuits(): Promise<void> {
  const wanted = settings.pick({ trustedSetup: true, cache: true, chainId: true });
  const { trustedSetup, cache, chainId } = readSettings(readEnvironment(), wanted);
  const log = (line: string): void => console.log(line);
  const backend = await createNoirBackend({
    circuits: demoType.noir.circuits,
    trustedSetup,
    chainId,
    cacheDirectory: cache,
    log,
  });
  await backend.solidityVerifier();
  await sampleProof(backend, cache, log);
  for (const kind of ['batch', 'aggregate', 'final'] as const) {
    console.log(`${kind} circuit ${backend.circuitId(kind)}`);
  }
  console.log(`Ready, with the ${trustedSetup} trusted set-up, in ${cache}.`);
  await backend.close();
}
