import { availableParallelism } from 'node:os';
import { BBApiException } from '@aztec/bb.js';
import type { InputMap } from '@noir-lang/noir_js';
import type { ProofKind } from '../../../domain/proof.js';
import type {
  ChildProof,
  ProofRequest,
  ProofToVerify,
  ProverBackend,
  ProvingContext,
} from '../../../domain/prover-backend.js';
import { BadInputError, ProverUnavailableError } from '../../../domain/prover-errors.js';
import {
  defaultCacheDirectory,
  digestOf,
  openArtifactCache,
  type ArtifactCache,
} from '../../../platform/artifact-cache.js';
import { BarretenbergLostError, BarretenbergProcess } from './barretenberg-process.js';
import { openCircuits, type Circuit, type Circuits } from './circuits.js';
import { solidityWithSetup } from './development-bb.js';
import { makeWitness } from './make-witness.js';
import { hex, PROOF_BYTES, proofFields, publicInputs, statementInput } from './statement-inputs.js';
import { openTrustedSetup, type TrustedSetup, type TrustedSetupName } from './trusted-setup.js';

/** What a rollup type brings to be proved with Noir. */
export interface NoirCircuits {
  /** Folder with the packages `batch`, `aggregate` and `final`, and `common`, which they share. */
  sources: string;
  /**
   * The private inputs of the batch circuit.
   *
   * @throws BadInputError if the input of a batch is not what the type makes
   */
  batchInputs(input: Uint8Array): InputMap;
}

export interface NoirBackendOptions {
  circuits: NoirCircuits;
  trustedSetup: TrustedSetupName;
  /** Chain whose rollups are to be proved; the development set-up is refused on any but a local one. */
  chainId: number;
  /** Where keys, circuits and set-up are kept; by default this user's cache. */
  cacheDirectory?: string;
  /** Threads of a proof; by default one a core, at most 16. */
  threads?: number;
  /** Told what takes long: making the set-up, compiling, computing keys. */
  log: (message: string) => void;
}

/** Proves a rollup type with its Noir circuits and Barretenberg (UltraHonk). */
export interface NoirBackend extends ProverBackend {
  /** Solidity source of the contract `HonkVerifier`, which verifies final proofs made under this trusted set-up. */
  solidityVerifier(): Promise<string>;
  /** Length of every final proof. */
  readonly finalProofBytes: number;
}

/** Tries of one step when the `bb` process is lost on the way. */
const TRIES = 3;

/**
 * Gets all that proofs need, from the cache or made anew (a few minutes the first time on a machine).
 *
 * @throws Error if the development set-up is asked for on a chain that is not local
 */
export async function createNoirBackend(options: NoirBackendOptions): Promise<NoirBackend> {
  const { log } = options;
  const cache = openArtifactCache(options.cacheDirectory ?? defaultCacheDirectory(), log);
  const setup = await openTrustedSetup(options.trustedSetup, options.chainId, cache, log);
  const threads = options.threads ?? Math.min(16, availableParallelism());
  const process = { binary: setup.binary, crsPath: setup.crsPath };
  // A process of its own for the keys: it would keep the gigabyte that the largest one takes.
  const keyMaker = new BarretenbergProcess({ ...process, threads });
  const circuits = await openCircuits(options.circuits.sources, setup, keyMaker, cache, log).finally(() =>
    keyMaker.close(),
  );
  const prover = new BarretenbergProcess({ ...process, threads });
  // Checks take milliseconds and must not wait for a proof of half a minute.
  const checker = new BarretenbergProcess({ ...process, threads: 1 });
  return new Backend(options.circuits.batchInputs, cache, setup, circuits, prover, checker);
}

class Backend implements NoirBackend {
  readonly proofSystem = 'noir';
  readonly finalProofBytes = PROOF_BYTES.final;
  readonly #batchInputs: NoirCircuits['batchInputs'];
  readonly #cache: ArtifactCache;
  readonly #setup: TrustedSetup;
  readonly #circuits: Circuits;
  readonly #prover: BarretenbergProcess;
  readonly #checker: BarretenbergProcess;

  constructor(
    batchInputs: NoirCircuits['batchInputs'],
    cache: ArtifactCache,
    setup: TrustedSetup,
    circuits: Circuits,
    prover: BarretenbergProcess,
    checker: BarretenbergProcess,
  ) {
    this.#batchInputs = batchInputs;
    this.#cache = cache;
    this.#setup = setup;
    this.#circuits = circuits;
    this.#prover = prover;
    this.#checker = checker;
  }

  circuitId(kind: ProofKind): string {
    return this.#circuits[kind].id;
  }

  async prove(request: ProofRequest, context: ProvingContext): Promise<Uint8Array> {
    const { signal } = context;
    const circuit = this.#circuits[request.kind];
    context.progress('inputs');
    const inputs = await this.#inputs(request);
    throwIfAborted(signal);
    context.progress('witness');
    const witness = await makeWitness(circuit, inputs);
    throwIfAborted(signal);
    context.progress('proof');
    const proof = await this.#makeProof(circuit, witness, signal);
    context.progress('check');
    // `bb` makes a proof, a worthless one, even where the witness does not satisfy the circuit.
    if (!(await this.verify(claimOf(request, proof)))) {
      throw new ProverUnavailableError(
        `The ${request.kind} proof made for batches ${request.statement.firstBatch} to ` +
          `${request.statement.lastBatch} does not verify`,
      );
    }
    return proof;
  }

  async verify({ kind, statement, miner, proof }: ProofToVerify): Promise<boolean> {
    const fields = proofFields(kind, proof);
    if (fields === undefined || (kind === 'final') !== (miner !== undefined)) return false;
    let inputs: Uint8Array[];
    try {
      inputs = publicInputs(statement, BigInt(miner ?? this.#circuits.aggregate.keyHash));
    } catch {
      return false;
    }
    const { verificationKey, settings } = this.#circuits[kind];
    try {
      const { verified } = await retryLost(() =>
        this.#checker.run((api) =>
          api.circuitVerify({ verificationKey, publicInputs: inputs, proof: fields, settings }),
        ),
      );
      return verified;
    } catch (error) {
      // What Barretenberg cannot read as a proof.
      if (error instanceof BBApiException) return false;
      throw error;
    }
  }

  async solidityVerifier(): Promise<string> {
    const { verificationKey, settings } = this.#circuits.final;
    const name = digestOf(verificationKey, JSON.stringify(settings), this.#setup.digest).slice(0, 16);
    const source = await this.#cache.content(`noir/HonkVerifier-${name}.sol`, async () => {
      const { solidityCode } = await retryLost(() =>
        this.#checker.run((api) => api.circuitWriteSolidityVerifier({ verificationKey, settings })),
      );
      return this.#setup.name === 'real' ? solidityCode : solidityWithSetup(solidityCode, this.#setup.g2);
    });
    return source.toString('utf8');
  }

  async close(): Promise<void> {
    await Promise.all([this.#prover.close(), this.#checker.close()]);
  }

  async #inputs(request: ProofRequest): Promise<InputMap> {
    const statement = statementInput(request.statement);
    const aggregateKeyHash = this.#circuits.aggregate.keyHash;
    switch (request.kind) {
      case 'batch':
        return { statement, _aggregate_key_hash: aggregateKeyHash, ...this.#batchInputs(request.input) };
      case 'aggregate':
        return {
          statement,
          aggregate_key_hash: aggregateKeyHash,
          left: await this.#childInput(request.left),
          right: await this.#childInput(request.right),
        };
      case 'final':
        return { statement, miner: request.miner, child: await this.#childInput(request.child) };
    }
  }

  /** A child is checked before minutes go into a fold of it: the witness says nothing about the child's proof. */
  async #childInput(child: ChildProof): Promise<InputMap> {
    const { kind, statement, proof } = child;
    const fields = proofFields(kind, proof);
    if (fields === undefined || !(await this.verify(child))) {
      throw new BadInputError(
        `The ${kind} proof of batches ${statement.firstBatch} to ${statement.lastBatch} that is to be folded does not ` +
          'verify: it was altered on its way, or comes from another circuit or trusted set-up',
      );
    }
    const circuit = this.#circuits[kind];
    const key: string[] = [];
    for (let start = 0; start < circuit.verificationKey.length; start += 32) {
      key.push(hex(circuit.verificationKey.subarray(start, start + 32)));
    }
    return { statement: statementInput(statement), proof: fields.map(hex), key, key_hash: circuit.keyHash };
  }

  async #makeProof(circuit: Circuit, witness: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    const { kind: name, bytecode, verificationKey, settings } = circuit;
    try {
      const { proof } = await retryLost(() =>
        this.#prover.run(
          (api) => api.circuitProve({ circuit: { name, bytecode, verificationKey }, witness, settings }),
          signal,
        ),
      );
      return Buffer.concat(proof);
    } catch (error) {
      if (error instanceof BBApiException) {
        throw new ProverUnavailableError(`Barretenberg made no ${name} proof: ${error.message}`, { cause: error });
      }
      throw error;
    }
  }
}

/** A lost process says nothing about the work, so it is tried again in a new one; one without memory would be again. */
async function retryLost<T>(step: () => Promise<T>): Promise<T> {
  let lost: unknown;
  for (let attempt = 0; attempt < TRIES; attempt++) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof BarretenbergLostError)) throw error;
      lost = error;
    }
  }
  throw new ProverUnavailableError(`The bb process was lost ${TRIES} times in a row: ${String(lost)}`, { cause: lost });
}

function claimOf(request: ProofRequest, proof: Uint8Array): ProofToVerify {
  const { kind, statement } = request;
  return kind === 'final' ? { kind, statement, miner: request.miner, proof } : { kind, statement, proof };
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new DOMException('Proving was cancelled', 'AbortError');
}
