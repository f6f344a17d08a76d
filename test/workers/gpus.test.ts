import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { findGpus, type Gpu } from '../../activities/proving/slots/gpus.js';
import { askNvidiaSmi } from '../../activities/proving/slots/nvidia-smi.js';

const A = 'GPU-8932f937-d72c-4106-c12f-20bd9faed9f6';
const B = 'GPU-8932aaaa-6e41-0acb-2f3e-77a9d2b5e101';
const C = 'GPU-1f00c0de-88b2-5c4d-9d10-aa20c1b6e3f2';
const PART_1 = 'MIG-feee0c61-26ec-5616-bb59-b6d777cc4f34';
const PART_2 = 'MIG-fe1234a0-9b4f-5d31-8a5e-0c3e4d5f6a7b';
const L4: Gpu = { name: 'NVIDIA L4', memoryMib: 23_034 };

/** Rows as `nvidia-smi` prints them for uuid, memory, MIG mode and name. */
const row = (uuid: string, memory = '23034', mode = '[N/A]', name = 'NVIDIA L4'): string =>
  `${uuid}, ${memory}, ${mode}, ${name}`;

/** Puts a program in the place of `nvidia-smi`; `list` is what it prints for `-L`. */
function standIn(lines: readonly string[], { code = 0, list = '' } = {}): NodeJS.ProcessEnv {
  return program(`if [ "$1" = -L ]; then cat <<'END'\n${list}\nEND\nelse cat <<'END'\n${lines.join('\n')}\nEND\nfi
exit ${code}`);
}

function program(script: string): NodeJS.ProcessEnv {
  const bin = mkdtempSync(join(tmpdir(), 'zkpow-gpus-'));
  onTestFinished(() => rmSync(bin, { recursive: true }));
  writeFileSync(join(bin, 'nvidia-smi'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${bin}:/usr/bin:/bin`, HOME: bin };
}

describe('cards', () => {
  test('are those that nvidia-smi lists; without it there are none, and nothing is wrong', async () => {
    expect(await findGpus(standIn([row(A), row(B)]))).toEqual({ gpus: [L4, L4], troubles: [] });
    expect(await findGpus({ PATH: '/nowhere' })).toEqual({ gpus: [], troubles: [] });
  });

  test('count where the driver keeps a value back; names may hold commas', async () => {
    const rows = [row(A, '[N/A]'), row('[Insufficient Permissions]', '[Insufficient Permissions]')];
    const unknown = { name: 'NVIDIA L4', memoryMib: null };
    expect(await findGpus(standIn([...rows, row(C, '16384', 'Disabled', 'Tesla, the old one')]))).toEqual({
      gpus: [unknown, unknown, { name: 'Tesla, the old one', memoryMib: 16_384 }],
      troubles: [],
    });
  });

  test('that are lost are named with what nvidia-smi said, and the others count', async () => {
    const lost = 'Unable to determine the device handle for GPU3: 0000:B1:00.0: GPU is lost.';
    const good = Array.from({ length: 7 }, (_, index) => row(`GPU-0000000${index}`));
    const { gpus, troubles } = await findGpus(standIn([...good.slice(0, 3), lost, ...good.slice(3)], { code: 15 }));
    expect(gpus).toHaveLength(7);
    expect(troubles).toEqual([`nvidia-smi said: ${lost}`, 'nvidia-smi ended with code 15; usable cards: 7']);

    const inRow = await findGpus(standIn([row(A), row(B, '[Unknown Error]'), row(C, '[GPU requires reset]')]));
    expect(inRow.gpus).toEqual([L4]);
    expect(inRow.troubles).toEqual([
      expect.stringMatching(`${B}.*Unknown Error`),
      expect.stringMatching(`${C}.*GPU requires reset`),
    ]);
  });

  test('are none where the driver does not answer, and that is said', async () => {
    const { gpus, troubles } = await findGpus(
      standIn(["NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."], { code: 9 }),
    );
    expect(gpus).toEqual([]);
    expect(troubles.join()).toMatch(/couldn't communicate.*ended with code 9/);
  });
});

describe('CUDA_VISIBLE_DEVICES', () => {
  const cards = [row(A, '1'), row(B, '2'), row(C, '3')];
  /** The memory of the cards that are visible says which they are. */
  const visible = async (value: string) => {
    const { gpus, troubles } = await findGpus({ ...standIn(cards), CUDA_VISIBLE_DEVICES: value });
    return { cards: gpus.map(({ memoryMib }) => memoryMib), troubles };
  };

  test.each([
    ['2,0', [3, 1]],
    [' 1 , 2', [2, 3]],
    ['', []],
    ['-1', []],
    ['0,-1,1', [1]],
    [A, [1]],
    [`${C},${B}`, [3, 2]],
    ['GPU-1f,GPU-8932a', [3, 2]],
  ])('%j shows the cards %j', async (value, shown) => {
    expect(await visible(value)).toEqual({ cards: shown, troubles: [] });
  });

  test.each([
    ['NoDevFiles', [], 'NoDevFiles'],
    ['5', [], '5'],
    ['0,7,1', [1], '7'],
    // Fits two.
    ['GPU-8932', [], 'GPU-8932'],
    [`${A},GPU-ffff,${B}`, [1], 'GPU-ffff'],
    [PART_1, [], PART_1],
    ['GPU-', [], 'GPU-'],
  ])('%j ends at a name that fits nothing, and that is said', async (value, shown, unknown) => {
    const found = await visible(value);
    expect(found.cards).toEqual(shown);
    expect(found.troubles).toEqual([
      expect.stringContaining(`CUDA_VISIBLE_DEVICES names "${unknown}", which fits no card or more than one`),
    ]);
  });

  test.each(['0,0', `${A},${A}`, `0,${A}`])('%j shows none: a card is named twice', async (value) => {
    const found = await visible(value);
    expect(found.cards).toEqual([]);
    expect(found.troubles).toEqual([expect.stringContaining('twice')]);
  });
});

describe('a card that is divided (MIG)', () => {
  const list = [
    `GPU 0: NVIDIA A100 (UUID: ${A})`,
    `  MIG 3g.20gb     Device  0: (UUID: ${PART_1})`,
    `  MIG 3g.20gb     Device  1: (UUID: ${PART_2})`,
    `GPU 1: NVIDIA L4 (UUID: ${B})`,
  ].join('\n');
  const cards = [row(A, '40960', 'Enabled', 'NVIDIA A100'), row(B)];
  const part: Gpu = { name: 'NVIDIA A100 (a part of it, MIG)', memoryMib: null };

  test.each([
    [undefined, [part]],
    [PART_1, [part]],
    ['MIG-feee', [part]],
    // A process uses one part, however many it is given.
    [`${PART_1},${PART_2}`, [part]],
    [`${B},${PART_1}`, [part]],
    [`MIG-${A}/1/0`, [part]],
    ['0', [part]],
    ['1', [L4]],
    ['MIG-fe', []],
    ['MIG-0000', []],
  ])('with CUDA_VISIBLE_DEVICES=%s shows %j', async (visible, shown) => {
    const env = standIn(cards, { list });
    const { gpus } = await findGpus(visible === undefined ? env : { ...env, CUDA_VISIBLE_DEVICES: visible });
    expect(gpus).toEqual(shown);
  });

  test('shows nothing while it has no parts', async () => {
    const { gpus } = await findGpus(standIn(cards, { list: `GPU 0: NVIDIA A100 (UUID: ${A})` }));
    expect(gpus).toEqual([L4]);
  });
});

test('an nvidia-smi that hangs is killed with all that it started, also where SIGTERM is ignored', async () => {
  const env = program(`trap '' TERM
( trap '' TERM; echo $$ > "$HOME/pid"; exec sleep 1000 ) &
echo "${row(A)}"
wait`);
  const pidFile = join(env['HOME'] ?? '', 'pid');
  const answer = await askNvidiaSmi(env, [], 1_000);
  expect(answer).toEqual({ lines: [row(A)], failure: 'did not end within 1 s and was killed' });
  expect(existsSync(pidFile)).toBe(true);
  const group = Number(readFileSync(pidFile, 'utf8'));
  await expect.poll(() => isRunning(-group)).toBe(false);
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
