import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { JsonFragment } from 'ethers';
import { z } from 'zod';
import { defaultCacheDirectory, openArtifactCache } from '../platform/artifact-cache.js';
import type { Hex } from '../domain/sequence.js';

const contractsDirectory = dirname(fileURLToPath(import.meta.url));
const solcWrapper = join(contractsDirectory, '../scripts/solc-wrapper.mjs');
const require = createRequire(import.meta.url);

const abi = z.array(z.record(z.string(), z.unknown()));
const hex = z.custom<Hex>((value) => typeof value === 'string' && /^0x[0-9a-f]+$/.test(value));
const compiledContracts = z.record(z.string(), z.object({ abi, bytecode: hex }));
const solcOutput = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).optional(),
  contracts: z
    .record(
      z.string(),
      z.record(z.string(), z.object({ abi, evm: z.object({ bytecode: z.object({ object: z.string() }) }) })),
    )
    .optional(),
});

/** A contract that can be deployed. */
export interface CompiledContract {
  abi: readonly JsonFragment[];
  /** Creation code, without constructor arguments. */
  bytecode: Hex;
}

export interface CompileOptions {
  /** Solidity sources beside the project's own (a generated verifier, a test contract), by a name that becomes theirs. */
  extraSources?: Readonly<Record<string, string>>;
  /** The cache, in which results are kept by the sha256 of all that goes in. Default: see `defaultCacheDirectory`. */
  cacheDirectory?: string;
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
  const cache = openArtifactCache(options.cacheDirectory ?? defaultCacheDirectory(), console.warn);
  const content = await cache.content(join('solidity', `${digest}.json`), async () => {
    return JSON.stringify(contractsOf(solcOutput.parse(JSON.parse(await runSolc(input)))));
  });
  return compiledContracts.parse(JSON.parse(content.toString('utf8')));
}

/** Finds one contract among the compiled ones. */
export function contractNamed(contracts: Record<string, CompiledContract>, name: string): CompiledContract {
  const contract = contracts[name];
  if (!contract) throw new Error(`no contract ${name} among the compiled ones: ${Object.keys(contracts).join(', ')}`);
  return contract;
}

async function standardJsonInput(extraSources: Readonly<Record<string, string>>): Promise<object> {
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
  return z.object({ version: z.string() }).parse(require('solc/package.json')).version;
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

function contractsOf({ errors, contracts = {} }: z.infer<typeof solcOutput>): Record<string, CompiledContract> {
  const mistakes = (errors ?? []).filter(({ severity }) => severity === 'error');
  if (mistakes.length > 0) throw new Error(mistakes.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const compiled: Record<string, CompiledContract> = {};
  for (const [name, contract] of Object.values(contracts).flatMap((unit) => Object.entries(unit))) {
    const code = contract.evm.bytecode.object;
    if (code === '') continue; // interfaces and abstract contracts
    if (compiled[name]) throw new Error(`two contracts are named ${name}`);
    // A place to be filled in by a linked library would not be hexadecimal: none is expected.
    compiled[name] = { abi: contract.abi, bytecode: hex.parse(`0x${code}`) };
  }
  return compiled;
}
