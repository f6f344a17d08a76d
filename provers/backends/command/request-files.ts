import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import type { ChildProof, ProofRequest, ProofToVerify, ProvingContext } from '../../../domain/prover-backend.js';
import { ProverUnavailableError } from '../../../domain/prover-errors.js';
import { PROTOCOL_VERSION, type ChildProofFile, type CommandRequest } from './command-protocol.js';

/** As large as an artifact may be. */
const MAX_PROOF_BYTES = 64 * 1024 * 1024;

/** Runs `work` in a new directory, which is deleted afterwards. */
export async function inNewDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'zkpow-command-')));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Writes the inputs of a proof to files, and says where they are. */
export async function writeProveRequest(
  directory: string,
  circuitId: string,
  request: ProofRequest,
  { slot, checkpoint }: Pick<ProvingContext, 'slot' | 'checkpoint'>,
): Promise<CommandRequest> {
  const { statement } = request;
  const given = { ...(slot === undefined ? {} : { slot }), ...(checkpoint === undefined ? {} : { checkpoint }) };
  const common = { version: PROTOCOL_VERSION, request: 'prove', circuitId, statement, ...given } as const;
  const file = (name: string, content: Uint8Array): Promise<string> => writeInput(directory, name, content);
  const child = async (name: string, { proof, ...rest }: ChildProof): Promise<ChildProofFile> => {
    return { ...rest, proof: await file(name, proof) };
  };
  switch (request.kind) {
    case 'batch':
      return { ...common, kind: request.kind, input: await file('input', request.input) };
    case 'aggregate': {
      const [left, right] = [await child('left-proof', request.left), await child('right-proof', request.right)];
      return { ...common, kind: request.kind, left, right };
    }
    case 'final':
      return { ...common, kind: request.kind, miner: request.miner, child: await child('child-proof', request.child) };
  }
}

/** Writes a proof that is to be checked to a file, and says where it is. */
export async function writeVerifyRequest(
  directory: string,
  circuitId: string,
  { proof, ...claim }: ProofToVerify,
): Promise<CommandRequest> {
  const path = await writeInput(directory, 'proof', proof);
  return { version: PROTOCOL_VERSION, request: 'verify', circuitId, ...claim, proof: path };
}

/**
 * Reads the proof that a program left in its directory.
 *
 * @throws ProverUnavailableError if there is none where it says
 */
export async function readMadeProof(directory: string, name: string): Promise<Uint8Array> {
  const named = resolve(directory, name);
  const wrong = (problem: string): ProverUnavailableError =>
    new ProverUnavailableError(`The prover command named ${JSON.stringify(name)} as its proof, but ${problem}`);
  // A link may lead anywhere.
  const path = await realpath(named).catch(() => undefined);
  if (path === undefined) throw wrong('wrote no such file in its working directory');
  if (!path.startsWith(directory + sep)) throw wrong('that is not in its working directory');
  const found = await stat(path);
  if (!found.isFile() || found.size === 0) throw wrong('that is not a file with a proof in it');
  if (found.size > MAX_PROOF_BYTES) throw wrong(`that has ${found.size} bytes, more than ${MAX_PROOF_BYTES}`);
  return readFile(path);
}

async function writeInput(directory: string, name: string, content: Uint8Array): Promise<string> {
  const path = join(directory, name);
  await writeFile(path, content);
  return path;
}
