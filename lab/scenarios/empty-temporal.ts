import { randomBytes } from 'node:crypto';
import { ensureNamespace } from '../../local-stack/temporal-namespace.js';
import type { Arena } from './arena.js';
import type { Miner } from './miner.js';

/** From their next start on a miner's programs find a Temporal database without anything in it. */
export async function emptyTemporal({ connection }: Arena, miner: Miner): Promise<void> {
  const namespace = `fresh-${randomBytes(6).toString('hex')}`;
  await ensureNamespace(connection, namespace);
  miner.useNamespace(namespace);
}
