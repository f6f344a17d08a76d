import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { SEARCH_ATTRIBUTES } from '../domain/search-attributes.js';

/** Numbers of these types in Temporal's API (temporal.api.enums.v1.IndexedValueType). */
export const ATTRIBUTE_TYPES = {
  KEYWORD: { cli: 'Keyword', api: 2 },
  INT: { cli: 'Int', api: 3 },
} as const;

const RETENTION = '7 days';
const VISIBLE_TIMEOUT_MS = 30_000;
const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;

/**
 * Makes a miner's namespace with the search attributes, or adds what is missing of it. Returns when the server knows
 * all of it: a workflow that sets an attribute the server does not know yet would hang.
 */
export async function ensureNamespace(connection: Connection, namespace: string): Promise<void> {
  if (!(await namespaceExists(connection, namespace))) {
    await ignoring(
      GRPC_ALREADY_EXISTS,
      connection.workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs(RETENTION) }),
    );
  }
  const end = Date.now() + VISIBLE_TIMEOUT_MS;
  for (;;) {
    // A namespace just made is unknown for a moment to the parts of the server that cache the list of them.
    const missing = await ignoring(GRPC_NOT_FOUND, addMissingAttributes(connection, namespace));
    if (missing === 0) return;
    if (Date.now() > end) {
      throw new Error(
        `The Temporal server did not take up the namespace ${namespace} within ${VISIBLE_TIMEOUT_MS / 1000} s. ` +
          'Make it by hand: temporal operator namespace create, temporal operator search-attribute create.',
      );
    }
    await delay(250);
  }
}

/** @returns how many attributes were missing */
async function addMissingAttributes(connection: Connection, namespace: string): Promise<number> {
  const known = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter(({ name }) => !(name in (known.customAttributes ?? {})));
  if (missing.length > 0) {
    const searchAttributes = Object.fromEntries(missing.map(({ name, type }) => [name, ATTRIBUTE_TYPES[type].api]));
    await ignoring(
      GRPC_ALREADY_EXISTS,
      connection.operatorService.addSearchAttributes({ namespace, searchAttributes }),
    );
  }
  return missing.length;
}

async function namespaceExists(connection: Connection, namespace: string): Promise<boolean> {
  const found = await ignoring(GRPC_NOT_FOUND, connection.workflowService.describeNamespace({ namespace }));
  return found !== undefined;
}

async function ignoring<T>(grpcCode: number, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === grpcCode) return undefined;
    throw error;
  }
}
