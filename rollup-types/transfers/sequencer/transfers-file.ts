import type { GenesisAccount } from '../genesis.js';
import { FIELD_MODULUS, isOnCurve, type CurvePoint } from '../grumpkin.js';
import { RECORDS_PER_BATCH } from '../record.js';
import { developmentSecretKey, publicKeyOf, type Signature } from '../schnorr.js';
import { AMOUNT_LIMIT, NONCE_LIMIT } from '../state.js';
import { FileError, JsonReader, parseJson, type JsonValue } from './json-reader.js';

/** Accounts and, by sequence and batch, the transfers between them. `examples/transfers.json` shows one. */
export interface TransfersFile {
  /** Account i of the list has index i in the rollup's state. */
  accounts: FileAccount[];
  sequences: FileSequence[];
}

export interface FileAccount {
  name: string;
  publicKey: CurvePoint;
  /** Known for accounts with a `devSeed` only: their transfers need no signature in the file. */
  secretKey?: bigint;
  /** What the account holds at genesis; absent for one that is empty until somebody pays it. */
  balance?: bigint;
  line: number;
}

export interface FileSequence {
  batches: FileTransfer[][];
}

export interface FileTransfer {
  /** Indices into the rollup's state. */
  from: number;
  to: number;
  amount: bigint;
  /** The sender's next one where it is not given. */
  nonce?: bigint;
  /** Made with the sender's `devSeed` where it is not given. */
  signature?: Signature;
  /** Where it stands in the file. */
  line: number;
  field: string;
}

/**
 * Reads a transfers file. What the file cannot know (funds, nonces, signatures) `prepareSequences` checks.
 *
 * @throws FileError with every mistake in it
 */
export function parseTransfersFile(text: string, fileName: string): TransfersFile {
  const root = parseJson(text, fileName);
  const reader = new JsonReader();
  const members = reader.read(() => reader.expectObject(root, ['accounts', 'sequences']));
  const list = (name: string, what: string): JsonValue[] =>
    (members && reader.read(() => reader.expectArray(reader.expectMember(root, members, name), what, 1))) ?? [];

  const accounts = list('accounts', 'accounts').map((value) => reader.read(() => readAccount(reader, value)));
  const indices = indexByName(reader, accounts);
  const sequences = list('sequences', 'sequences').map((value) => readSequence(reader, value, indices));
  if (reader.problems.length > 0) throw new FileError(fileName, reader.problems);
  return { accounts: accounts.filter(isDefined), sequences };
}

/** The accounts a rollup for this file starts with. */
export function genesisAccounts(file: TransfersFile): GenesisAccount[] {
  return file.accounts.flatMap(({ publicKey, balance }) => (balance === undefined ? [] : [{ ...publicKey, balance }]));
}

function readAccount(reader: JsonReader, value: JsonValue): FileAccount | undefined {
  const members = reader.expectObject(value, ['name', 'balance', 'devSeed', 'publicKey']);
  const [balance, devSeed, publicKey] = ['balance', 'devSeed', 'publicKey'].map((name) => members.get(name));
  const name = reader.read(() => reader.expectText(reader.expectMember(value, members, 'name'), 'a name'));
  const holds = balance && reader.read(() => reader.expectInteger(balance, 'a balance', AMOUNT_LIMIT));
  const seed = devSeed && reader.read(() => reader.expectText(devSeed, 'a text from which to make a development key'));
  const given = publicKey && reader.read(() => readPublicKey(reader, publicKey));
  if ((devSeed === undefined) === (publicKey === undefined)) {
    reader.note(value, 'has a wrong number of keys, expected either devSeed or publicKey');
  }
  const secretKey = seed === undefined ? undefined : developmentSecretKey(seed);
  const key = secretKey === undefined ? given : publicKeyOf(secretKey);
  if (name === undefined || key === undefined) return undefined;
  return {
    name,
    publicKey: key,
    ...(secretKey !== undefined && { secretKey }),
    ...(holds !== undefined && { balance: holds }),
    line: value.line,
  };
}

function readPublicKey(reader: JsonReader, value: JsonValue): CurvePoint | undefined {
  const pair = readPair(reader, value, ['x', FIELD_MODULUS], ['y', FIELD_MODULUS]);
  if (!pair) return undefined;
  const [x, y] = pair;
  if (!isOnCurve({ x, y })) reader.fail(value, 'a point of the Grumpkin curve y^2 = x^3 - 17');
  return { x, y };
}

function readSignature(reader: JsonReader, value: JsonValue): Signature | undefined {
  // Any 32 bytes can be posted: whether they are a signature is decided where the transfer is applied.
  const pair = readPair(reader, value, ['s', 2n ** 256n], ['e', 2n ** 256n]);
  return pair && { s: pair[0], e: pair[1] };
}

type NamedLimit = readonly [name: string, limit: bigint];

function readPair(
  reader: JsonReader,
  value: JsonValue,
  ...limits: [NamedLimit, NamedLimit]
): [bigint, bigint] | undefined {
  const members = reader.expectObject(
    value,
    limits.map(([name]) => name),
  );
  const [first, second] = limits.map(([name, limit]) =>
    reader.read(() => reader.expectInteger(reader.expectMember(value, members, name), name, limit)),
  );
  return first === undefined || second === undefined ? undefined : [first, second];
}

/** Indices by name. Notes a name given twice and a genesis account behind one that is not. */
function indexByName(reader: JsonReader, accounts: readonly (FileAccount | undefined)[]): Map<string, number> {
  const indices = new Map<string, number>();
  let emptySoFar: string | undefined;
  accounts.forEach((account, index) => {
    if (!account) return;
    const place = { line: account.line, field: `accounts[${index}]` };
    const earlier = indices.get(account.name);
    if (earlier !== undefined)
      reader.note(place, `has the name ${account.name}, which is that of accounts[${earlier}]`);
    if (account.balance === undefined) emptySoFar ??= account.name;
    else if (emptySoFar !== undefined) {
      reader.note(place, `has a balance, but ${emptySoFar} before it has none: list the accounts of the genesis first`);
    }
    indices.set(account.name, earlier ?? index);
  });
  return indices;
}

function readSequence(reader: JsonReader, value: JsonValue, indices: ReadonlyMap<string, number>): FileSequence {
  const batches = reader.read(() => {
    const members = reader.expectObject(value, ['batches']);
    return reader.expectArray(reader.expectMember(value, members, 'batches'), 'batches', 1);
  });
  return { batches: (batches ?? []).map((batch) => readBatch(reader, batch, indices)) };
}

function readBatch(reader: JsonReader, value: JsonValue, indices: ReadonlyMap<string, number>): FileTransfer[] {
  const transfers = reader.read(() => {
    const members = reader.expectObject(value, ['transfers']);
    return reader.expectArray(reader.expectMember(value, members, 'transfers'), 'transfers', 0, RECORDS_PER_BATCH);
  });
  return (transfers ?? [])
    .map((transfer) => reader.read(() => readTransfer(reader, transfer, indices)))
    .filter(isDefined);
}

function readTransfer(
  reader: JsonReader,
  value: JsonValue,
  indices: ReadonlyMap<string, number>,
): FileTransfer | undefined {
  const members = reader.expectObject(value, ['from', 'to', 'amount', 'nonce', 'signature']);
  const member = (name: string): JsonValue => reader.expectMember(value, members, name);
  const from = reader.read(() => readIndex(reader, member('from'), indices));
  const to = reader.read(() => readIndex(reader, member('to'), indices));
  const amount = reader.read(() => reader.expectInteger(member('amount'), 'an amount', 2n ** 128n));
  const [nonceValue, signatureValue] = ['nonce', 'signature'].map((name) => members.get(name));
  const nonce = nonceValue && reader.read(() => reader.expectInteger(nonceValue, 'a nonce', NONCE_LIMIT));
  const signature = signatureValue && reader.read(() => readSignature(reader, signatureValue));
  if (from === undefined || to === undefined || amount === undefined) return undefined;
  return {
    from,
    to,
    amount,
    ...(nonce !== undefined && { nonce }),
    ...(signature && { signature }),
    line: value.line,
    field: value.field,
  };
}

function readIndex(reader: JsonReader, value: JsonValue, indices: ReadonlyMap<string, number>): number {
  if (value.node.type === 'Number') return Number(reader.expectInteger(value, 'an account index', 2n ** 32n));
  const expected = 'the name of an account of this file, or an index';
  const index = indices.get(reader.expectText(value, expected));
  return index ?? reader.fail(value, expected);
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
