import { getAddress, isAddress } from 'ethers';
import { readRollupEntry } from '../../activities/chain/rollup-directory.js';
import { selectSequencesOfRows } from '../../activities/sender/transactions.js';
import { sequenceWorkflowId } from '../../domain/names.js';
import type { SequenceIdentity } from '../../domain/sequence.js';
import { rollupOf } from '../../local-stack/mining/command-environment.js';
import type { CommandParts } from '../../local-stack/mining/command-parts.js';
import { findPostedSequence } from '../sequencer/find-posted-sequence.js';

/** As `sequenceWorkflowId` makes it. */
const WORKFLOW_ID = /^sequence\/(\d+)\/(0x[0-9a-fA-F]{40})\/(\d+)-(\d+)\/([0-9a-f]{8})$/;

/**
 * The sequence that a person means.
 *
 * @param name id of its workflow, or the number of a batch in it
 * @throws Error saying what there is instead
 */
export async function findSequence(
  parts: CommandParts,
  name: string,
  givenRollup: string | undefined,
): Promise<SequenceIdentity> {
  const { chainId, env } = parts;
  const [, chain, idRollup, first] = WORKFLOW_ID.exec(name) ?? [];
  if (idRollup === undefined) {
    if (!/^[1-9]\d*$/.test(name)) {
      throw new Error(`"${name}" is neither the id of a sequence's workflow nor the number of a batch`);
    }
    return findOnChain(parts, rollupOf(givenRollup, env), Number(name));
  }
  if (chain !== String(chainId)) throw new Error(`${name} is on chain ${chain}, the settings are for chain ${chainId}`);

  // Rolled back, or re-posted with other data: then only our own rows know it.
  const ofRows = await findInRows(parts, name);
  if (ofRows) return ofRows;
  const posted = await findOnChain(parts, idRollup, Number(first));
  if (sequenceWorkflowId(posted) === name) return posted;
  throw new Error(
    `${name} is not on the chain and no transaction was made for it; in its place stands ${sequenceWorkflowId(posted)}`,
  );
}

async function findOnChain({ chainId, rpc, provider }: CommandParts, address: string, batch: number) {
  if (!isAddress(address)) throw new Error(`The rollup is "${String(address)}", expected an address`);
  const rollup = { chainId, rollup: getAddress(address) };
  const { launchBlock } = await readRollupEntry(rpc, rollup);
  const { firstBatch, lastBatch, accInputHash } = await findPostedSequence(provider, rollup, launchBlock, batch);
  return { ...rollup, firstBatch, lastBatch, accInputHash };
}

async function findInRows({ pool, chainId }: CommandParts, id: string): Promise<SequenceIdentity | undefined> {
  const [, , rollup = '', first, last] = WORKFLOW_ID.exec(id) ?? [];
  const batches = { firstBatch: Number(first), lastBatch: Number(last) };
  const sequences = await selectSequencesOfRows(pool, { chainId, rollup, ...batches });
  return sequences.find((sequence) => sequenceWorkflowId(sequence) === id);
}
