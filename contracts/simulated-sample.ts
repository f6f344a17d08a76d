import { AbiCoder, concat, encodeBytes32String, getBytes, sha256, toUtf8Bytes, ZeroAddress, ZeroHash } from 'ethers';
import type { RuleSample, RuleStatement } from './launch-options.js';

const STATEMENT_WORDS = [
  ...['uint256', 'address', 'uint64', 'uint64'],
  ...['bytes32', 'bytes32', 'bytes32', 'bytes32', 'bytes32', 'address'],
];

/** A right simulated proof, of a statement that no rollup makes. */
export function simulatedSample(): RuleSample {
  const statement: RuleStatement = {
    ...{ chainId: 0n, rollup: ZeroAddress, firstBatch: 1n, lastBatch: 1n },
    ...{ oldStateRoot: ZeroHash, newStateRoot: ZeroHash, oldAccInputHash: ZeroHash, newAccInputHash: ZeroHash },
    ...{ newLocalExitRoot: ZeroHash, miner: ZeroAddress },
  };
  const salt = encodeBytes32String('sample');
  return { statement, proof: getBytes(concat([salt, simulatedSeal(salt, statementDigest(statement))])) };
}

/** As `SimulatedRule.statementDigest`. */
function statementDigest(statement: RuleStatement): string {
  const { chainId, rollup, firstBatch, lastBatch, oldStateRoot, newStateRoot } = statement;
  const { oldAccInputHash, newAccInputHash, newLocalExitRoot, miner } = statement;
  const words = [chainId, rollup, firstBatch, lastBatch, oldStateRoot, newStateRoot];
  words.push(oldAccInputHash, newAccInputHash, newLocalExitRoot, miner);
  return sha256(AbiCoder.defaultAbiCoder().encode(STATEMENT_WORDS, words));
}

function simulatedSeal(salt: string, digest: string): string {
  return sha256(concat([toUtf8Bytes('zkpow simulated proof'), salt, digest]));
}
