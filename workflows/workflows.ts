// The bundle's entry: the workflows that an aggregator registers, by name.
export { rollupWorkflow } from './rollup-workflow.js';
export { sequenceWorkflow } from './sequence-workflow.js';
