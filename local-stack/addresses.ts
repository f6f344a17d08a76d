import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { homeAt, type Home } from './home.js';
import { livingProcesses } from './processes.js';

/** Where the parts of a stack answer. */
const stackAddresses = z.object({
  temporalAddress: z.string(),
  /** Web UI; absent where Temporal was not started by the stack. */
  temporalUi: z.string().optional(),
  temporalNamespace: z.string(),
  /** The miner's database, with its password. */
  databaseUrl: z.string(),
  /** One URL, or several with commas between them. */
  rpcUrl: z.string(),
  chainId: z.number(),
});
export type StackAddresses = z.infer<typeof stackAddresses>;

/** What a program needs in its environment to use a stack. */
export function stackEnvironment(home: Home, addresses: StackAddresses): Record<string, string> {
  return {
    ZKPOW_HOME: home.directory,
    TEMPORAL_ADDRESS: addresses.temporalAddress,
    TEMPORAL_NAMESPACE: addresses.temporalNamespace,
    DATABASE_URL: addresses.databaseUrl,
    ZKPOW_RPC_URL: addresses.rpcUrl,
    ZKPOW_CHAIN_ID: String(addresses.chainId),
  };
}

/**
 * The environment of a command that uses the stack of a home: the addresses of its stack, if one runs, under what is
 * set by hand.
 */
export function environmentWithStack(homeDirectory: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const home = homeAt(homeDirectory);
  const addresses = readAddresses(home);
  return addresses === undefined || livingProcesses(home.run).length === 0
    ? env
    : { ...stackEnvironment(home, addresses), ...env };
}

export function writeAddresses(home: Home, addresses: StackAddresses): void {
  const path = addressesPath(home);
  // The database's password is in it.
  writeFileSync(`${path}.new`, JSON.stringify(addresses, null, 2) + '\n', { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The addresses of the last stack of this home, whether it still runs or not. */
export function readAddresses(home: Home): StackAddresses | undefined {
  try {
    return stackAddresses.parse(JSON.parse(readFileSync(addressesPath(home), 'utf8')));
  } catch {
    return undefined;
  }
}

/** The port in an address (`host:port` or a URL) of the last stack, to be used again. */
export function portOf(address: string | undefined): number | undefined {
  const port = Number(/:(\d+)(?:\/.*)?$/.exec(address ?? '')?.[1]);
  return Number.isSafeInteger(port) ? port : undefined;
}

function addressesPath(home: Home): string {
  return join(home.run, 'stack.json');
}
