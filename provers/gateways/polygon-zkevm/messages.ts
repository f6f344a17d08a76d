import { fileURLToPath } from 'node:url';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { z } from 'zod';
import type { BatchProofInput, StatelessBatchProofInput } from './batch-input.js';

const PROTO = fileURLToPath(new URL('./aggregator.proto', import.meta.url));
const SERVICE = 'aggregator.v1.AggregatorService';

/** A request that begins a computation. */
export type GenerateRequest =
  | { genBatchProofRequest: { input: BatchProofInput } }
  | { genStatelessBatchProofRequest: { input: StatelessBatchProofInput } }
  | { genAggregatedProofRequest: { recursiveProof_1: string; recursiveProof_2: string } }
  | { genFinalProofRequest: { recursiveProof: string; aggregatorAddr: string } };

/** One request to a prover. */
export type AggregatorRequest =
  | { getStatusRequest: Record<string, never> }
  | GenerateRequest
  | { getProofRequest: { id: string } }
  | { cancelRequest: { id: string } };

const bytes = z.instanceof(Uint8Array);
const uint64 = z.coerce.bigint();

const statusResponse = z.object({
  status: z.enum(['STATUS_UNSPECIFIED', 'STATUS_BOOTING', 'STATUS_COMPUTING', 'STATUS_IDLE', 'STATUS_HALT']),
  currentComputingRequestId: z.string(),
  pendingRequestQueueIds: z.array(z.string()),
  proverName: z.string(),
  proverId: z.string().min(1, 'a prover must have an id'),
  numberOfCores: uint64,
  totalMemory: uint64,
  forkId: uint64,
});

const result = z.enum(['RESULT_UNSPECIFIED', 'RESULT_OK', 'RESULT_ERROR', 'RESULT_INTERNAL_ERROR']);
const generateResponse = z.object({ id: z.string(), result });

const publicInputsExtended = z.object({
  publicInputs: z.object({
    oldStateRoot: bytes,
    oldAccInputHash: bytes,
    oldBatchNum: uint64,
    chainId: uint64,
    forkId: uint64,
    aggregatorAddr: z.string(),
  }),
  newStateRoot: bytes,
  newAccInputHash: bytes,
  newLocalExitRoot: bytes,
  newBatchNum: uint64,
});

const proofResponse = z.object({
  id: z.string(),
  result: z.enum([
    ...['RESULT_UNSPECIFIED', 'RESULT_COMPLETED_OK', 'RESULT_ERROR', 'RESULT_COMPLETED_ERROR', 'RESULT_PENDING'],
    ...['RESULT_INTERNAL_ERROR', 'RESULT_CANCEL'],
  ] as const),
  resultString: z.string(),
  finalProof: z.object({ proof: z.string(), public: publicInputsExtended.nullable() }).optional(),
  recursiveProof: z.string().optional(),
});

/** What a prover answers, as it comes from the wire. */
export const proverMessage = z.discriminatedUnion('response', [
  z.object({ id: z.string(), response: z.literal('getStatusResponse'), getStatusResponse: statusResponse }),
  z.object({ id: z.string(), response: z.literal('genBatchProofResponse'), genBatchProofResponse: generateResponse }),
  z.object({
    id: z.string(),
    response: z.literal('genAggregatedProofResponse'),
    genAggregatedProofResponse: generateResponse,
  }),
  z.object({ id: z.string(), response: z.literal('genFinalProofResponse'), genFinalProofResponse: generateResponse }),
  z.object({ id: z.string(), response: z.literal('cancelResponse'), cancelResponse: z.object({ result }) }),
  z.object({ id: z.string(), response: z.literal('getProofResponse'), getProofResponse: proofResponse }),
]);

export type ProverMessage = z.infer<typeof proverMessage>;
export type ProverStatus = z.infer<typeof statusResponse>;
export type ProofAnswer = z.infer<typeof proofResponse>;
export type GenerateAnswer = z.infer<typeof generateResponse>;
export type FinalPublicInputs = z.infer<typeof publicInputsExtended>;

/** The service that provers dial, as the proto file beside this one has it. */
export function aggregatorService(): ServiceDefinition {
  const definition = loadSync(PROTO, { longs: String, enums: String, defaults: true, oneofs: true })[SERVICE];
  if (definition === undefined || 'format' in definition) throw new Error(`${PROTO} does not define ${SERVICE}`);
  return definition;
}
