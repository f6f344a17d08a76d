import { DatabaseError } from 'pg';
import { expect, test } from 'vitest';
import { waitForDatabase } from '../../activities/storage/patient-prover-store.js';
import type { ProverStore } from '../../activities/storage/prover-store.js';

const never = new AbortController().signal;

/** A store whose `findProof` meets these errors first. */
function storeThatMeets(errors: Error[]): { store: ProverStore; left: Error[] } {
  const left = [...errors];
  const findProof = async () => {
    const error = left.shift();
    if (error) throw error;
    return { proofDigest: 'digest', prover: 'local', seconds: 1 };
  };
  const unused = () => Promise.reject(new Error('not asked for here'));
  return { store: { findProof, readArtifact: unused, addProof: unused, circuits: unused }, left };
}

function databaseError(code: string): DatabaseError {
  const error = new DatabaseError('from the server', 0, 'error');
  error.code = code;
  return error;
}

test.each([
  ['too many connections', databaseError('53300')],
  ['the server is starting', databaseError('57P03')],
  ['nobody listens', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
  ['the connection broke', new Error('Connection terminated unexpectedly')],
])('waits while the database is away: %s', async (_what, error) => {
  const { store, left } = storeThatMeets([error]);
  expect(await waitForDatabase(store, never).findProof('task')).toMatchObject({ prover: 'local' });
  expect(left).toEqual([]);
});

test('tells at once of a refusal', async () => {
  const { store } = storeThatMeets([databaseError('ZK002')]);
  await expect(waitForDatabase(store, never).findProof('task')).rejects.toMatchObject({ code: 'ZK002' });
});

test('ends the wait when it is cancelled', async () => {
  const { store } = storeThatMeets(Array<Error>(100).fill(databaseError('57P03')));
  const cancelled = new AbortController();
  const waiting = waitForDatabase(store, cancelled.signal).findProof('task');
  cancelled.abort();
  await expect(waiting).rejects.toThrow();
});
