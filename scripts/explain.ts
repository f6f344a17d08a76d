import { parseArgs } from 'node:util';
import { withCommandParts } from '../local-stack/mining/command-parts.js';
import { explainSequence } from './explain/explain-sequence.js';
import { explanationText } from './explain/explanation-text.js';
import { findSequence } from './explain/find-sequence.js';
import { runCommand } from '../local-stack/run-command.js';

const HELP = `npm run explain -- SEQUENCE [options]

Shows what the referee's table (docs/two-step.md) says of a sequence at the newest block: its row, what to do and why, all
it looks at, and every transaction that the sender ever made for it. Sends and changes nothing.

SEQUENCE is the id of its workflow ("npm run status -- --json" lists them), or the number of a batch in it.

  --rollup ADDRESS  the rollup's contract (else ZKPOW_ROLLUP), where a batch is given
  --json            all of it as JSON
  --help            this text`;

await runCommand(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rollup: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return console.log(HELP);
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) {
    throw new Error(`Give one SEQUENCE, found "${positionals.join(' ')}". --help shows how`);
  }
  await withCommandParts(async (parts) => {
    const explanation = await explainSequence(parts, await findSequence(parts, name, values.rollup));
    console.log(values.json ? JSON.stringify(explanation, null, 2) : explanationText(explanation));
  });
});
