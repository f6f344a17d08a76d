// The bundle's entry: the product's workflows, and one that leaves all but the batch proofs out.
export { rollupWorkflow } from '../../../workflows/rollup-workflow.js';
export { sequenceWorkflow } from '../../../workflows/sequence-workflow.js';
export { batchProofsWorkflow } from './batch-proofs-workflow.js';
