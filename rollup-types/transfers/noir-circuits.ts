import { fileURLToPath } from 'node:url';
import { batchInputMap } from './batch-input.js';

/** What the `noir` backend needs of this type: `NoirCircuits` there. */
export const transfersCircuits = {
  sources: fileURLToPath(new URL('./circuits', import.meta.url)),
  batchInputs: batchInputMap,
};
