import { applyTransfer } from '../apply-transfer.js';
import type { CurvePoint } from '../grumpkin.js';
import { encodeRecord, joinRecords, transferMessage, type TransferOrder } from '../record.js';
import { sign } from '../schnorr.js';
import { ACCOUNT_COUNT, isEmpty, type AccountTree } from '../state.js';
import type { Hex, RollupRef } from '../../../domain/sequence.js';
import type { BatchData, FileProblem, PreparedSequences } from '../../../domain/type-sequencer.js';
import { FileError } from './json-reader.js';
import type { FileTransfer, TransfersFile } from './transfers-file.js';

/** The state that a file's transfers are to be applied to. */
export interface RollupState {
  rollup: RollupRef;
  accounts: AccountTree;
}

export interface PrepareOptions {
  /** Named in errors. */
  fileName: string;
  /** Of all batches, in seconds: that of the chain's head. */
  timestamp: number;
  /** Also prepare transfers that will not take effect: they are posted and proved as no-ops. */
  allowInvalid: boolean;
}

const ZERO_HASH: Hex = `0x${'0'.repeat(64)}`;

/**
 * Signs a file's transfers and applies them, in order, to a copy of the state.
 *
 * @throws FileError with every account that is not the one on the chain, every transfer that cannot be signed and,
 * unless `allowInvalid`, every one that would not take effect
 */
export function prepareSequences(file: TransfersFile, state: RollupState, options: PrepareOptions): PreparedSequences {
  const accounts = state.accounts.copy();
  const problems = foreignAccounts(file, accounts);
  const refusals: FileProblem[] = [];
  const prepareBatch = (transfers: FileTransfer[]): BatchData => {
    const records = transfers.map((transfer) => {
      const outcome = prepareTransfer(file, { rollup: state.rollup, accounts }, transfer);
      if (outcome.problem)
        (outcome.record ? refusals : problems).push({ ...place(transfer), message: outcome.problem });
      return outcome.record ?? new Uint8Array();
    });
    const { timestamp } = options;
    return { transactions: joinRecords(records), globalExitRoot: ZERO_HASH, timestamp, minForcedTimestamp: 0 };
  };
  const sequences = file.sequences.map(({ batches }) => batches.map(prepareBatch));
  if (!options.allowInvalid) problems.push(...refusals);
  if (problems.length > 0) throw new FileError(options.fileName, problems);
  return { sequences, refusals };
}

function place({ line, field }: FileTransfer): Pick<FileProblem, 'line' | 'field'> {
  return { line, field };
}

/** Accounts of the file whose place in the rollup's state belongs to another key. */
function foreignAccounts(file: TransfersFile, accounts: AccountTree): FileProblem[] {
  return file.accounts.flatMap(({ name, publicKey, line }, index) => {
    const onChain = accounts.account(index);
    if (isEmpty(onChain) || (onChain.x === publicKey.x && onChain.y === publicKey.y)) return [];
    const message = `${name} has the key (${publicKey.x}, ${publicKey.y}), but account ${index} of the rollup has (${onChain.x}, ${onChain.y})`;
    return [{ line, field: `accounts[${index}]`, message }];
  });
}

/** A record without a problem took effect, one with a problem is a no-op; without a record nothing can be posted. */
interface TransferOutcome {
  record?: Uint8Array;
  problem?: string;
}

function prepareTransfer(file: TransfersFile, state: RollupState, transfer: FileTransfer): TransferOutcome {
  const { from, to, amount } = transfer;
  const toKey = keyOf(file, state.accounts, to);
  if (!toKey) return { problem: `account ${to} is empty and not in this file: add it to accounts with its publicKey` };
  const nonce = transfer.nonce ?? (from < ACCOUNT_COUNT ? state.accounts.account(from).nonce : 0n);
  const order: TransferOrder = { from, to, amount, nonce, toKey };
  const secretKey = file.accounts[from]?.secretKey;
  const signature =
    transfer.signature ?? (secretKey === undefined ? undefined : sign(secretKey, transferMessage(state.rollup, order)));
  if (!signature)
    return { problem: `signature is missing, and account ${from} has no devSeed in this file to sign with` };
  const record = { ...order, signature };
  const { refusal } = applyTransfer(state.rollup, state.accounts, record);
  return { record: encodeRecord(record), ...(refusal !== undefined && { problem: refusal }) };
}

function keyOf(file: TransfersFile, accounts: AccountTree, index: number): CurvePoint | undefined {
  const listed = file.accounts[index]?.publicKey;
  if (listed || index >= ACCOUNT_COUNT) return listed;
  const onChain = accounts.account(index);
  return isEmpty(onChain) ? undefined : { x: onChain.x, y: onChain.y };
}
