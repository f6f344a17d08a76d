import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonFragment } from 'ethers';
import type { Hex } from '../workflows/domain/sequence.js';

const contractsDirectory = dirname(fileURLToPath(import.meta.url));
const solcWrapper = join(contractsDirectory, '../scripts/solc-wrapper.mjs');
const require = createRequire(import.meta.url);

/** A contract that can be deployed. */
export interface CompiledContract {
  abi: readonly JsonFragment[];
  /** Creation code, without constructor arguments. */
  bytecode: Hex;
}

export interface CompileOptions {
  /** Solidity sources beside the project's own (a generated verifier, a test contract), by a name that becomes theirs. */
  extraSources?: Record<string, string>;
  /** Where results are kept, by the sha256 of all that goes in. Default: `zkpow/solidity` in the user's cache. */
  cacheDirectory?: string;
}

/** The user's cache directory for compiled contracts (`XDG_CACHE_HOME`, else `~/.cache`). */
export function defaultCacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'zkpow', 'solidity');
}

/**
 * Compiles the project's contracts with the pinned solc, or finds them compiled in the cache.
 *
 * @returns every contract with code, by name
 * @throws Error with the compiler's messages
 */
export async function compileContracts(options: CompileOptions = {}): Promise<Record<string, CompiledContract>> {
  const input = JSON.stringify(await standardJsonInput(options.extraSources ?? {}));
  const digest = createHash('sha256').update(solcVersion()).update('\0').update(input).digest('hex');
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const cacheFile = join(cacheDirectory, `${digest}.json`);
  const cached = await readCached(cacheFile);
  if (cached) return cached;
  const contracts = contractsOf(JSON.parse(await runSolc(input)));
  await writeAtomically(cacheFile, JSON.stringify(contracts));
  return contracts;
}

/** Finds one contract among the compiled ones. */
export function contractNamed(contracts: Record<string, CompiledContract>, name: string): CompiledContract {
  const contract = contracts[name];
  if (!contract) throw new Error(`no contract ${name} among the compiled ones: ${Object.keys(contracts).join(', ')}`);
  return contract;
}

async function standardJsonInput(extraSources: Record<string, string>): Promise<object> {
  const sources: Record<string, { content: string }> = {};
  const sourceDirectory = join(contractsDirectory, 'src');
  for (const file of (await readdir(sourceDirectory, { recursive: true })).sort()) {
    if (!file.endsWith('.sol')) continue;
    const content = await readFile(join(sourceDirectory, file), 'utf8');
    sources[posix.join('src', file.split(sep).join('/'))] = { content };
  }
  for (const [name, content] of Object.entries(extraSources)) sources[`generated/${name}.sol`] = { content };
  await addImports(sources);
  const settings: unknown = JSON.parse(await readFile(join(contractsDirectory, 'solc-settings.json'), 'utf8'));
  const outputSelection = { '*': { '*': ['abi', 'evm.bytecode.object'] } };
  return { language: 'Solidity', sources, settings: Object.assign({}, settings, { outputSelection }) };
}

/** Adds what the sources import from npm packages, and what that imports in turn. */
async function addImports(sources: Record<string, { content: string }>): Promise<void> {
  const queue = Object.keys(sources);
  for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
    const content = sources[unit]?.content ?? '';
    for (const [, imported] of content.matchAll(/^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm)) {
      if (imported === undefined) continue;
      const target = imported.startsWith('.') ? posix.join(posix.dirname(unit), imported) : imported;
      if (sources[target]) continue;
      if (!target.startsWith('@')) throw new Error(`${unit} imports ${imported}, which is not among the sources`);
      sources[target] = { content: await readFile(require.resolve(target), 'utf8') };
      queue.push(target);
    }
  }
}

function solcVersion(): string {
  const manifest: unknown = require('solc/package.json');
  if (!isRecord(manifest) || typeof manifest.version !== 'string') throw new Error('solc names no version');
  return manifest.version;
}

/** A process of its own: compiling takes seconds, and this one may have timers and sockets to serve. */
async function runSolc(input: string): Promise<string> {
  const child = spawn(process.execPath, [solcWrapper, '--standard-json'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const output: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stdin.on('error', () => undefined); // the exit code tells
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`${relative(process.cwd(), solcWrapper)} ended with exit code ${code}`);
  return Buffer.concat(output).toString('utf8');
}

function contractsOf(output: unknown): Record<string, CompiledContract> {
  if (!isRecord(output)) throw new Error('solc gave no JSON object');
  const errors = asArray(output.errors).filter((error) => isRecord(error) && error.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map(messageOf).join('\n'));
  const contracts: Record<string, CompiledContract> = {};
  for (const unit of Object.values(asRecord(output.contracts))) {
    for (const [name, contract] of Object.entries(asRecord(unit))) {
      const compiled = compiledContract(asRecord(contract));
      if (compiled.bytecode === '0x') continue; // interfaces and abstract contracts
      if (contracts[name]) throw new Error(`two contracts are named ${name}`);
      contracts[name] = compiled;
    }
  }
  return contracts;
}

function compiledContract(contract: Record<string, unknown>): CompiledContract {
  const code = asRecord(asRecord(contract.evm).bytecode).object;
  if (typeof code !== 'string') throw new Error('solc gave a contract without code');
  if (!/^[0-9a-f]*$/.test(code)) throw new Error('a contract needs a linked library: none is expected');
  return { abi: asArray(contract.abi).map(asRecord), bytecode: `0x${code}` };
}

async function readCached(file: string): Promise<Record<string, CompiledContract> | undefined> {
  try {
    const contracts: Record<string, CompiledContract> = {};
    for (const [name, contract] of Object.entries(asRecord(JSON.parse(await readFile(file, 'utf8'))))) {
      const { abi, bytecode } = asRecord(contract);
      if (!isHex(bytecode)) return undefined;
      contracts[name] = { abi: asArray(abi).map(asRecord), bytecode };
    }
    return contracts;
  } catch {
    return undefined; // missing or damaged: made again
  }
}

async function writeAtomically(file: string, content: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${randomUUID()}`;
  try {
    await writeFile(temporary, content);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

function messageOf(error: unknown): string {
  return isRecord(error) ? String(error.formattedMessage ?? error.message) : String(error);
}

function isHex(value: unknown): value is Hex {
  return typeof value === 'string' && /^0x[0-9a-f]+$/.test(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asRecord(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new Error('solc gave an unexpected form of output');
  return value;
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
