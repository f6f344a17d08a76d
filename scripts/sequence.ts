import { parseArgs } from 'node:util';
import { sequenceWorkflowId } from '../domain/names.js';
import { findSequence } from './explain/find-sequence.js';
import { withCommandParts } from '../local-stack/mining/command-parts.js';
import { goOn } from './sequence/go-on.js';
import { runCommand } from '../local-stack/run-command.js';

const HELP = `npm run sequence -- go-on SEQUENCE [options]

Lets a sequence that waits for a person go on: after three failed rounds of ours, after a proof that failed everywhere, or
with what has been fixed after an alarm. "npm run status" shows what waits; "npm run explain -- SEQUENCE" says why.

SEQUENCE is the id of its workflow, or the number of a batch in it.

  --rollup ADDRESS  the rollup's contract (else ZKPOW_ROLLUP), where a batch is given
  --help            this text`;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { rollup: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  const [command, name, ...rest] = positionals;
  if (values.help || command === undefined) return console.log(HELP);
  if (command !== 'go-on')
    throw new Error(`There is no "${command}", known: go-on. "npm run sequence -- --help" says more`);
  if (name === undefined || rest.length > 0) {
    throw new Error(`Give one SEQUENCE, found "${[name, ...rest].join(' ')}". --help shows how`);
  }
  await withCommandParts(async (parts) => {
    const sequence = await findSequence(parts, name, values.rollup);
    console.log(await goOn(parts.client, sequenceWorkflowId(sequence)));
  });
});
