import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { numberBatches } from '../../activities/chain/posted-batches.js';
import { openTransfersReplay, type TransfersReplay } from '../../rollup-types/transfers/replay.js';
import { publicKeyOf } from '../../rollup-types/transfers/schnorr.js';
import { demoGenesis, demoSequences, genesisOf } from '../../rollup-types/transfers/sequencer/demo-transfers.js';
import { prepareSequences } from '../../rollup-types/transfers/sequencer/prepare-sequences.js';
import { type PreparedSequences } from '../../domain/type-sequencer.js';
import { parseTransfersFile, type TransfersFile } from '../../rollup-types/transfers/sequencer/transfers-file.js';
import { COINBASE, ROLLUP, secretKey, signedTransfer, word, ZERO_HASH } from './support.js';
import { accumulateTransfers } from '../../rollup-types/transfers/accumulate.js';

const ACCOUNTS = `"accounts": [
    { "name": "alice", "balance": "1000", "devSeed": "alice" },
    { "name": "bob", "balance": 500, "devSeed": "bob" },
    { "name": "carol", "devSeed": "carol" }
  ]`;

/** A file whose transfers, each on its line, begin at line 8. */
function fileOf(...transfers: string[]): string {
  return `{
  ${ACCOUNTS},
  "sequences": [{ "batches": [{ "transfers": [
${transfers.join(',\n')}
  ]}]}]
}`;
}

function openReplay(file: TransfersFile): TransfersReplay {
  return openTransfersReplay(ROLLUP, { ...genesisOf(file), accInputHash: ZERO_HASH });
}

function prepare(file: TransfersFile, changes: { allowInvalid?: boolean } = {}): PreparedSequences {
  const state = { rollup: ROLLUP, accounts: openReplay(file).accounts() };
  return prepareSequences(file, state, { fileName: 'f.json', timestamp: 1, allowInvalid: false, ...changes });
}

/** Replays all prepared batches as if they were posted and says how many moved the state. */
async function replayAll(file: TransfersFile, { sequences }: PreparedSequences): Promise<TransfersReplay> {
  const replay = openReplay(file);
  const contents = sequences.flat().map((batch) => ({ ...batch, l2Coinbase: COINBASE }));
  const place = { firstBatch: 1, previousAccInputHash: ZERO_HASH, accumulate: accumulateTransfers };
  for (const batch of numberBatches(contents, place)) await replay.apply(batch);
  return replay;
}

describe('a correct transfers file', () => {
  test('is signed with the next nonces and takes effect when posted', async () => {
    const file = parseTransfersFile(
      fileOf(
        '{ "from": "alice", "to": "bob", "amount": "100" }',
        '{ "from": 0, "to": 2, "amount": "0x10" }',
        '{ "from": "carol", "to": "alice", "amount": 6 }',
      ),
      'f.json',
    );
    const accounts = (await replayAll(file, prepare(file))).accounts();
    expect(accounts.account(0)).toMatchObject({ balance: 1000n - 100n - 16n + 6n, nonce: 2n });
    expect(accounts.account(1)).toMatchObject({ balance: 600n, nonce: 0n });
    expect(accounts.account(2)).toMatchObject({ balance: 10n, nonce: 1n });
  });

  test('may hold transfers signed elsewhere, from accounts it has the public key of', async () => {
    const { signature } = signedTransfer(0, 1, { amount: 7n });
    const { x, y } = publicKeyOf(secretKey(0));
    const file = parseTransfersFile(
      `{ "accounts": [
        { "name": "alice", "balance": "9", "publicKey": { "x": "${x}", "y": "${word(y)}" } },
        { "name": "bob", "devSeed": "bob" }
      ], "sequences": [{ "batches": [{ "transfers": [
        { "from": "alice", "to": "bob", "amount": 7, "nonce": 0, "signature": { "s": "${signature.s}", "e": "${word(signature.e)}" } }
      ]}, { "transfers": [] }]}] }`,
      'f.json',
    );
    expect((await replayAll(file, prepare(file))).accounts().account(1).balance).toBe(7n);
  });

  test('leaves the state it was checked against as it was', () => {
    const file = parseTransfersFile(fileOf('{ "from": "alice", "to": "bob", "amount": 1 }'), 'f.json');
    const replay = openReplay(file);
    const accounts = replay.accounts();
    const options = { fileName: 'f.json', timestamp: 1, allowInvalid: false };
    prepareSequences(file, { rollup: ROLLUP, accounts }, options);
    expect(word(accounts.root)).toBe(replay.stateRoot);
  });

  test('is the example, made for the rollup of the demo', async () => {
    const file = parseTransfersFile(readFileSync('examples/transfers.json', 'utf8'), 'examples/transfers.json');
    expect(genesisOf(file)).toEqual(demoGenesis());
    expect(file.sequences.map(({ batches }) => batches.length)).toEqual([1, 2]);
    expect((await replayAll(file, prepare(file))).lastBatch).toBe(3);
  });
});

describe('the demo', () => {
  test('has as many batches in each sequence as asked for, all transfers take effect, always the same', async () => {
    const file = demoSequences([1, 2, 3]);
    const prepared = prepare(file);
    expect(prepared.sequences.map((batches) => batches.length)).toEqual([1, 2, 3]);
    expect(prepared.refusals).toEqual([]);
    expect(prepare(demoSequences([1, 2, 3]))).toEqual(prepared);
    const accounts = (await replayAll(file, prepared)).accounts();
    const users = file.accounts.map((_, index) => accounts.account(index));
    expect(users.reduce((sum, { balance }) => sum + balance, 0n)).toBe(6_000_000n);
    expect(users.every(({ balance }) => balance > 0n)).toBe(true);
  });
});

describe('a malformed transfers file', () => {
  const mistakes = (text: string) => {
    try {
      parseTransfersFile(text, 'f.json');
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    throw new Error('The file was taken for correct');
  };

  test('that is no JSON: the line', () => {
    expect(mistakes('{\n "accounts": [\n}')).toMatch(/^f\.json has 1 mistake:\n {2}line 3: is no JSON/);
    expect(mistakes('')).toMatch(/line 1: is no JSON/);
  });

  test.each([
    ['[]', 'line 1: is a list, expected an object with accounts, sequences'],
    ['{}', 'line 1: accounts is missing'],
    ['{\n"accounts": [], "sequences": [] }', 'line 2, accounts: has 0 accounts, expected at least 1'],
    [`{ "extra": 1, ${ACCOUNTS}, "sequences": [{ "batches": [] }] }`, 'extra: is not known here'],
    [`{ ${ACCOUNTS}, ${ACCOUNTS}, "sequences": [] }`, 'line 5, accounts: is given twice'],
    [`{ ${ACCOUNTS},\n "sequences": [{ "batches": [] }] }`, 'sequences[0].batches: has 0 batches, expected at least 1'],
    [
      fileOf('{ "from": "zed", "to": "bob", "amount": 1 }'),
      'transfers[0].from: is "zed", expected the name of an account',
    ],
    [
      fileOf('{ "from": "alice", "to": "bob", "amount": -1 }'),
      'transfers[0].amount: is -1, expected an amount: a whole number',
    ],
    [fileOf('{ "from": "alice", "to": "bob", "amount": 1.5 }'), 'transfers[0].amount: is 1.5'],
    [fileOf('{ "from": "alice", "to": "bob", "amount": 9007199254740993 }'), 'as a string where it is above 2^53'],
    [fileOf('{ "from": "alice", "to": "bob", "amount": "1e3" }'), 'transfers[0].amount: is "1e3"'],
    [
      fileOf(`{ "from": "alice", "to": "bob", "amount": "${2n ** 128n}" }`),
      'transfers[0].amount: is "340282366920938463',
    ],
    [fileOf('{ "from": "alice", "amount": 1 }'), 'transfers[0]: to is missing'],
    [fileOf('{ "from": "alice", "to": "bob", "amount": 1, "signature": {} }'), 'transfers[0].signature: s is missing'],
    [
      fileOf(...Array.from({ length: 9 }, () => '{ "from": 0, "to": 1, "amount": 1 }')),
      'has 9 transfers, expected at most 8',
    ],
  ])('%#: %s', (text, expected) => {
    expect(mistakes(text)).toContain(expected);
  });

  test.each([
    ['{ "name": "a", "balance": 1 }', 'accounts[0]: has a wrong number of keys, expected either devSeed or publicKey'],
    ['{ "name": "a", "devSeed": "a", "publicKey": { "x": 1, "y": 1 } }', 'expected a point of the Grumpkin curve'],
    ['{ "name": "", "devSeed": "a" }', 'accounts[0].name: is "", expected a name'],
    [
      `{ "name": "a", "devSeed": "a", "balance": "${2n ** 96n}" }`,
      'accounts[0].balance: is "79228162514264337593543950336"',
    ],
    [
      '{ "name": "a", "devSeed": "a" },\n{ "name": "a", "devSeed": "b" }',
      'line 2, accounts[1]: has the name a, which is that of accounts[0]',
    ],
    [
      '{ "name": "a", "devSeed": "a" }, { "name": "b", "devSeed": "b", "balance": 1 }',
      'list the accounts of the genesis first',
    ],
  ])('account %s', (accounts, expected) => {
    expect(mistakes(`{ "accounts": [${accounts}], "sequences": [{ "batches": [{ "transfers": [] }] }] }`)).toContain(
      expected,
    );
  });

  test('with several mistakes: all of them, by line', () => {
    const message = mistakes(
      fileOf(
        '{ "from": "zed", "to": "bob", "amount": "x" }',
        '{ "from": "alice", "to": "bob", "amount": 1 }',
        '{ "from": "alice", "to": null, "amount": 1, "note": "hi" }',
      ),
    );
    expect(message.split('\n').map((line) => /line \d+, [^:]*/.exec(line)?.[0] ?? line)).toEqual([
      'f.json has 4 mistakes:',
      'line 8, sequences[0].batches[0].transfers[0].from',
      'line 8, sequences[0].batches[0].transfers[0].amount',
      'line 10, sequences[0].batches[0].transfers[2].note',
      'line 10, sequences[0].batches[0].transfers[2].to',
    ]);
  });
});

describe('transfers that would not take effect', () => {
  const text = fileOf(
    '{ "from": "alice", "to": "bob", "amount": 400 }',
    '{ "from": "alice", "to": "bob", "amount": 601 }',
    '{ "from": "bob", "to": "alice", "amount": 1, "signature": { "s": 5, "e": 6 } }',
    '{ "from": "bob", "to": "bob", "amount": 1 }',
    '{ "from": "bob", "to": "alice", "amount": 900, "nonce": 0 }',
  );

  test('are refused before anything is posted, all at once, with line and reason', () => {
    const file = parseTransfersFile(text, 'f.json');
    expect(() => prepare(file)).toThrow(
      new RegExp(
        'f.json has 3 mistakes:\n' +
          '.*line 9, .*transfers\\[1\\]: amount is 601, but account 0 holds 600\n' +
          ".*line 10, .*transfers\\[2\\]: signature is not the one of account 1's key.*\n" +
          '.*line 11, .*transfers\\[3\\]: sender and receiver are the same account, 1$',
      ),
    );
  });

  test('can be posted all the same: they are no-ops, the others take effect', async () => {
    const file = parseTransfersFile(text, 'f.json');
    const prepared = prepare(file, { allowInvalid: true });
    expect(prepared.refusals.map(({ line }) => line)).toEqual([9, 10, 11]);
    expect(prepared.sequences.flat().map(({ transactions }) => (transactions.length - 2) / 320)).toEqual([5]);
    const accounts = (await replayAll(file, prepared)).accounts();
    expect([accounts.account(0).balance, accounts.account(1).balance]).toEqual([1500n, 0n]);
  });

  test('are refused even so where there is nothing to post: no key to pay to, no way to sign', () => {
    const { x, y } = publicKeyOf(secretKey(0));
    const file = parseTransfersFile(
      `{ "accounts": [{ "name": "alice", "balance": 9, "publicKey": { "x": "${x}", "y": "${y}" } },
        { "name": "bob", "devSeed": "bob" }],
        "sequences": [{ "batches": [{ "transfers": [
          { "from": "alice", "to": 77, "amount": 1 },
          { "from": "alice", "to": "bob", "amount": 1 }] }] }] }`,
      'f.json',
    );
    expect(() => prepare(file, { allowInvalid: true })).toThrow(
      /line 4, .*account 77 is empty and not in this file.*\n.*line 5, .*account 0 has no devSeed/,
    );
  });

  test('an account whose place in the rollup belongs to another is named', () => {
    const chain = openReplay(parseTransfersFile(fileOf(), 'f.json')).accounts();
    const file = parseTransfersFile(fileOf().replace('"devSeed": "bob"', '"devSeed": "mallory"'), 'f.json');
    const options = { fileName: 'f.json', timestamp: 1, allowInvalid: true };
    expect(() => prepareSequences(file, { rollup: ROLLUP, accounts: chain }, options)).toThrow(
      /line 4, accounts\[1\]: bob has the key .*, but account 1 of the rollup has/,
    );
  });
});
