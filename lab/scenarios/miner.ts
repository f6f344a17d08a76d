import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import type { Wallet } from 'ethers';
import { migrate } from '../../activities/storage/migrate.js';
import { createPool } from '../../activities/storage/database.js';
import { grantProver, proverDatabaseUrl } from '../../activities/storage/prover-roles.js';
import { createDatabase } from '../../local-stack/postgres.js';
import { ensureNamespace } from '../../local-stack/temporal-namespace.js';
import type { Arena } from './arena.js';
import type { ScenarioChain } from './chain.js';
import { startRpcProxy, type RpcProxy } from './rpc-proxy.js';

export type Role = 'aggregator' | 'prover' | 'sender';

/** A miner with a namespace, a database and a wallet of its own; each of its programs has its own way to the chain. */
export interface Miner {
  name: string;
  wallet: Wallet;
  readonly namespace: string;
  pool: pg.Pool;
  /** Its `ZKPOW_HOME`. */
  home: string;
  proxies: Record<'aggregator' | 'sender', RpcProxy>;
  /** The second endpoints of the same programs, which they ask where the first one fails; only if they were asked for. */
  spares: Partial<Record<'aggregator' | 'sender', RpcProxy>>;
  /** Settings of one of its programs. */
  environment(role: Role): Record<string, string>;
  /** From its next start on it works there: as with an empty Temporal database. */
  useNamespace(namespace: string): void;
  close(): Promise<void>;
}

export interface MinerOptions {
  name: string;
  /** What each of its commitments puts at risk, in ether; default: the least. */
  reserve?: string;
  /** Whether each program has a second endpoint; default no. */
  spareEndpoints?: boolean;
  /** Added to the settings of all its programs. */
  settings?: Record<string, string>;
}

/** Connections that rows are read over. */
const CONNECTIONS = 3;
/** Provers work in the same process as others: they wait for the database, not for a processor. */
const SLOTS = 4;

export async function createMiner(
  arena: Arena,
  chain: ScenarioChain,
  directory: string,
  { name, reserve, settings = {}, spareEndpoints = false }: MinerOptions,
): Promise<Miner> {
  const id = `${name}-${randomBytes(4).toString('hex')}`;
  const [databaseUrl, wallet] = await Promise.all([
    createDatabase(arena.postgresUrl, id),
    chain.wallet(name),
    ensureNamespace(arena.connection, id),
  ]);
  const pool = createPool(databaseUrl, CONNECTIONS);
  await migrate(pool);
  const proxies = { aggregator: await startRpcProxy(chain.rpcUrl), sender: await startRpcProxy(chain.rpcUrl) };
  for (const { follower } of Object.values(proxies)) chain.clock.follow(follower);
  const spare = (of: RpcProxy): Promise<RpcProxy> => startRpcProxy(chain.rpcUrl, of.follower);
  const spares = spareEndpoints
    ? { aggregator: await spare(proxies.aggregator), sender: await spare(proxies.sender) }
    : {};
  const urls = (role: 'aggregator' | 'sender'): string =>
    [proxies[role], spares[role]].flatMap((proxy) => proxy?.url ?? []).join(',');

  const home = join(directory, name);
  const shared = {
    ...{ ZKPOW_HOME: home, ZKPOW_CACHE: arena.cache, ZKPOW_PROVER: 'simulated', ZKPOW_MINER: wallet.address },
    ...{ TEMPORAL_ADDRESS: arena.temporalAddress, ZKPOW_CHAIN_ID: String(chain.chainId) },
    ...{ DATABASE_URL: databaseUrl, ZKPOW_SIMULATED_SECONDS: '0,0,0', ZKPOW_SLOTS: String(SLOTS) },
    ...(reserve === undefined ? {} : { ZKPOW_RESERVE_PER_COMMITMENT: reserve }),
    ...settings,
  };
  const own: Record<Role, Record<string, string>> = {
    aggregator: { ZKPOW_RPC_URL: urls('aggregator') },
    sender: { ZKPOW_RPC_URL: urls('sender'), ZKPOW_PRIVATE_KEY: wallet.privateKey },
    prover: { DATABASE_URL: proverDatabaseUrl(databaseUrl, await grantProver(pool, 'local')) },
  };
  let namespace = id;
  return {
    ...{ name, wallet, pool, home, proxies, spares },
    get namespace() {
      return namespace;
    },
    useNamespace: (fresh) => void (namespace = fresh),
    environment: (role) => ({ ...shared, TEMPORAL_NAMESPACE: namespace, ...own[role] }),
    async close() {
      await Promise.all([...Object.values(proxies), ...Object.values(spares)].map((proxy) => proxy.close()));
      await pool.end();
      await dropDatabase(arena.postgresUrl, id);
    },
  };
}

async function dropDatabase(postgresUrl: string, name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: postgresUrl });
  await admin.connect();
  try {
    await admin.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    await admin.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(`${name}/local`)}`);
  } finally {
    await admin.end();
  }
}
