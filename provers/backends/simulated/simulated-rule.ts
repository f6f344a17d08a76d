import { ZeroAddress, ZeroHash } from 'ethers';
import { simulatedProof } from './simulated-backend.js';
import type { DataLayout, NewTypeRule, RuleSample } from '../../../domain/type-rule.js';

const NO_HASH = `0x${'00'.repeat(32)}` as const;

/** A right simulated proof, of a statement that no rollup makes. */
export function simulatedSample(): RuleSample {
  const statement = {
    ...{ chainId: 0, rollup: ZeroAddress, firstBatch: 1, lastBatch: 1 },
    ...{ oldStateRoot: NO_HASH, newStateRoot: NO_HASH, oldAccInputHash: NO_HASH, newAccInputHash: NO_HASH },
  };
  const proof = simulatedProof(Buffer.alloc(32, 'sample'), statement, ZeroAddress);
  const numbers = { chainId: 0n, firstBatch: 1n, lastBatch: 1n };
  return { statement: { ...statement, ...numbers, newLocalExitRoot: ZeroHash, miner: ZeroAddress }, proof };
}

/** The rule of a type with simulated proofs, for data of whole records. */
export function simulatedRule({ recordBytes, maxRecords, paddedBytes }: DataLayout): NewTypeRule {
  return {
    kind: 'new',
    contracts: [{ name: 'SimulatedRule', args: [recordBytes, maxRecords, paddedBytes] }],
    sources: {},
    localOnly: 'simulated proofs prove nothing',
    sample: simulatedSample(),
  };
}
