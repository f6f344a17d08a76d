import type { ProvingContext } from '../../../domain/prover-backend.js';
import { ProverUnavailableError } from '../../../domain/prover-errors.js';
import type { GenerateAnswer, GenerateRequest, ProofAnswer } from './messages.js';
import { ProtocolViolationError, type ProverStream } from './prover-stream.js';

/** A proof that was computed, and who says so. */
export interface ComputedProof {
  answer: ProofAnswer;
  proverId: string;
  proverName: string;
}

/** One proof that is asked of a prover, from the request to its answer. */
export interface Computation {
  readonly request: GenerateRequest;
  readonly context: ProvingContext;
  /** As the prover named it; null until it took it. */
  id: string | null;
  /** Nobody waits for its outcome any more; the prover works on it all the same. */
  abandoned: boolean;
  resolve(proof: ComputedProof): void;
  reject(error: Error): void;
}

/**
 * Asks for the computation and returns the name that the prover gives it.
 *
 * @throws ProverUnavailableError if the prover does not take it
 */
export async function begin(stream: ProverStream, request: GenerateRequest): Promise<string> {
  const { id, result } = await askToGenerate(stream, request);
  if (result === 'RESULT_OK' && id !== '') return id;
  // Its word alone does not make the input bad: what provers check was checked here before.
  const refused = result === 'RESULT_ERROR' ? 'refuses the input' : 'did not take the task';
  throw new ProverUnavailableError(`the prover ${refused} (${result}, id ${JSON.stringify(id)})`);
}

async function askToGenerate(stream: ProverStream, request: GenerateRequest): Promise<GenerateAnswer> {
  if ('genAggregatedProofRequest' in request) {
    return (await stream.exchange(request, 'genAggregatedProofResponse')).genAggregatedProofResponse;
  }
  if ('genFinalProofRequest' in request) {
    return (await stream.exchange(request, 'genFinalProofResponse')).genFinalProofResponse;
  }
  return (await stream.exchange(request, 'genBatchProofResponse')).genBatchProofResponse;
}

/**
 * Asks how far a computation is; null while it goes on.
 *
 * @throws ProverUnavailableError if it failed or the prover does not know it
 * @throws ProtocolViolationError if the answer is about another one
 */
export async function poll(stream: ProverStream, id: string): Promise<ProofAnswer | null> {
  const { getProofResponse: answer } = await stream.exchange({ getProofRequest: { id } }, 'getProofResponse');
  if (answer.result === 'RESULT_PENDING') return null;
  if (answer.result === 'RESULT_COMPLETED_OK') {
    if (answer.id === id) return answer;
    throw new ProtocolViolationError(`the prover answered for ${JSON.stringify(answer.id)}, asked for was ${id}`);
  }
  throw new ProverUnavailableError(`the prover ended computation ${id} with ${answer.result} (${answer.resultString})`);
}

/** Tells the prover that nobody wants the proof; provers of the family say yes and go on to its end. */
export async function cancel(stream: ProverStream, id: string): Promise<void> {
  await stream.exchange({ cancelRequest: { id } }, 'cancelResponse');
}
