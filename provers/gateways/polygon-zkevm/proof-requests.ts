import type { Statement } from '../../../domain/proof.js';
import type { ProofRequest } from '../../../domain/prover-backend.js';
import { BadInputError } from '../../../domain/prover-errors.js';
import { decodeBatchInput, type DecodedBatchInput } from './batch-input.js';
import type { GenerateRequest } from './messages.js';
import { readRecursiveProof } from './recursive-proof.js';

/** Batch proofs are bound to nobody, so that every miner's are the same. */
const NOBODY = `0x${'0'.repeat(40)}`;

/**
 * Our request in the words of the zkEVM family.
 *
 * @throws BadInputError if the parts are not what provers of the family take
 */
export function generateRequest(request: ProofRequest, forkId: number): GenerateRequest {
  switch (request.kind) {
    case 'batch':
      return batchRequest(request.statement, decodeBatchInput(request.input), forkId);
    case 'aggregate':
      return {
        genAggregatedProofRequest: {
          recursiveProof_1: readRecursiveProof(request.left.proof).text,
          recursiveProof_2: readRecursiveProof(request.right.proof).text,
        },
      };
    case 'final':
      return {
        genFinalProofRequest: {
          recursiveProof: readRecursiveProof(request.child.proof).text,
          aggregatorAddr: request.miner,
        },
      };
  }
}

function batchRequest(statement: Statement, input: DecodedBatchInput, forkId: number): GenerateRequest {
  const { firstBatch, lastBatch } = statement;
  if (firstBatch !== lastBatch) throw new BadInputError(`Batches ${firstBatch} to ${lastBatch} are not one batch`);
  const common = {
    oldAccInputHash: bytes(statement.oldAccInputHash),
    oldBatchNum: firstBatch - 1,
    chainId: input.chainId,
    forkId,
    batchL2Data: input.batchL2Data,
    l1InfoRoot: input.l1InfoRoot,
    timestampLimit: input.timestampLimit,
    sequencerAddr: input.sequencerAddress,
    forcedBlockhashL1: input.forcedBlockhashL1,
    aggregatorAddr: NOBODY,
    l1InfoTreeData: input.l1InfoTreeData,
  };
  const { witness, db, contractsBytecode } = input;
  if (witness) return { genStatelessBatchProofRequest: { input: { publicInputs: { witness, ...common } } } };
  const publicInputs = { oldStateRoot: bytes(statement.oldStateRoot), ...common };
  return { genBatchProofRequest: { input: { publicInputs, db, contractsBytecode } } };
}

function bytes(word: string): Uint8Array {
  return Buffer.from(word.slice(2), 'hex');
}
