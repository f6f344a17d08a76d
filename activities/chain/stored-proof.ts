import type { SequenceIdentity } from '../../domain/sequence.js';
import type { FinalProofStore } from '../storage/final-proof-store.js';
import type { FinalProof } from '../storage/final-proofs.js';
import type { ChainPart } from './chain-part-of-view.js';
import type { SequenceFacts } from './rollup-facts.js';

/** The proof behind our open commitment, else the one that the next commitment would be to. */
export async function storedProof(
  finals: FinalProofStore,
  sequence: SequenceIdentity,
  miner: string,
  { own }: ChainPart,
  { ownProofHash }: SequenceFacts,
): Promise<{ final: FinalProof | null; matches: boolean }> {
  if (own === 'open' || own === 'late') {
    const committed = await finals.committedTo(sequence, miner, ownProofHash);
    if (committed) return { final: committed, matches: true };
  }
  return { final: await finals.newestFit(sequence, miner), matches: false };
}
