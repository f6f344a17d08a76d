import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readCommandSettings } from '../../../provers/backends/command/command-settings.js';

function fileWith(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'zkpow-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'command.json');
  writeFileSync(path, content);
  return path;
}

describe('the description of a prover command', () => {
  test('names one program for all kinds; a path in it starts from the file', async () => {
    const path = fileWith('{"proofSystem": "mine", "prove": ["./bin/prove", "--fast"], "verify": ["verify"]}');
    const { prove, ...rest } = await readCommandSettings(path);
    const program = [join(path, '..', 'bin', 'prove'), '--fast'];
    expect(prove).toEqual({ batch: program, aggregate: program, final: program });
    expect(rest).toMatchObject({ proofSystem: 'mine', verify: ['verify'], timeoutMs: 3_600_000, graceMs: 10_000 });
  });

  test('may name a program for each kind, and the circuits', async () => {
    const path = fileWith(
      '{"proofSystem": "mine", "prove": {"batch": ["/b"]}, "circuitIds": {"batch": "0x1"}, "timeoutSeconds": 5}',
    );
    expect(await readCommandSettings(path)).toMatchObject({
      ...{ prove: { batch: ['/b'] }, circuitIds: { batch: '0x1' }, timeoutMs: 5_000 },
    });
  });

  test.each([
    ['is no JSON', '{', /is wrong .*JSON/],
    ['lacks the proof system', '{"prove": ["x"]}', /proofSystem/],
    ['has a setting that there is not', '{"proofSystem": "m", "timeout": 3}', /"timeout"/],
    ['names no program', '{"proofSystem": "m", "prove": []}', /prove/],
  ])('that %s is refused with what is wrong', async (_what, content, message) => {
    await expect(readCommandSettings(fileWith(content))).rejects.toThrow(message);
  });

  test('that is not there is named, with the setting that names it', async () => {
    await expect(readCommandSettings('/nonexistent/command.json')).rejects.toThrow(
      /\/nonexistent\/command\.json cannot be read \(ENOENT.*set ZKPOW_PROVER_COMMAND/,
    );
  });
});
