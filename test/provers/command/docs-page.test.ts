import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createCommandBackend } from '../../../provers/backends/command/command-backend.js';
import { sampleStatement, SAMPLE_MINER } from '../../support/proof-samples.js';

const PAGE = readFileSync(new URL('../../../docs/prover-commands.md', import.meta.url), 'utf8');
const object = z.record(z.string(), z.unknown());

const typesOf = (value: unknown) =>
  Object.entries(object.parse(value)).map(([name, member]) => `${name}: ${typeof member}`);

/** Has a final proof made by a program that only keeps what it was sent. */
async function requestForFinal(): Promise<z.infer<typeof object>> {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-page-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [program, kept] = [join(directory, 'prove.mjs'), join(directory, 'request.json')];
  writeFileSync(
    program,
    `import { readFileSync, writeFileSync } from 'node:fs';
    writeFileSync(${JSON.stringify(kept)}, readFileSync(0));
    writeFileSync('proof', 'x');
    console.log('{"proof": "proof"}');`,
  );
  const command = [process.execPath, program] as const;
  const circuitIds = { batch: 'a', aggregate: 'b', final: `0x${'03'.repeat(32)}` };
  const prove = { batch: command, aggregate: command, final: command };
  const backend = await createCommandBackend({ proofSystem: 'x', prove, circuitIds, timeoutMs: 30_000, graceMs: 100 });
  onTestFinished(() => backend.close());
  const child = { kind: 'aggregate', statement: sampleStatement(1, 2), proof: Buffer.from('child') } as const;
  const context = { signal: new AbortController().signal, progress: () => undefined, slot: 1 };
  await backend.prove({ kind: 'final', statement: sampleStatement(1, 2), miner: SAMPLE_MINER, child }, context);
  return object.parse(JSON.parse(readFileSync(kept, 'utf8')));
}

test('the page shows a statement as programs are sent it, and says what the final id is', async () => {
  const request = await requestForFinal();
  const examples = [...PAGE.matchAll(/^```json\n([^]*?)\n```$/gm)].map(([, text = '']) =>
    object.parse(JSON.parse(text)),
  );
  const shown = examples.find((example) => 'oldStateRoot' in example);
  expect(typesOf(shown).sort()).toEqual(typesOf(request['statement']).sort());
  for (const name of ['oldStateRoot', 'newStateRoot', 'oldAccInputHash', 'newAccInputHash']) {
    for (const statement of [shown, object.parse(request['statement'])]) {
      expect(statement?.[name]).toMatch(/^0x[0-9a-f]{64}$/);
    }
  }
  for (const member of typesOf(request)) expect(PAGE).toContain(`\`${member.split(':')[0]}\``);
  expect(PAGE).toMatch(/The id of the final circuit is 32 bytes/);
});
