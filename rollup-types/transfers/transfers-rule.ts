import type { DataLayout, NewTypeRule } from '../../domain/type-rule.js';
import type { NoirRuleOptions } from '../installed-type.js';

/** Batches hold 0 to 8 records of 160 bytes: `PaddedRecords.transfers()` of the contracts. */
export const TRANSFERS_LAYOUT: DataLayout = { recordBytes: 160, maxRecords: 8, paddedBytes: 1280 };

/** The rule of `transfers` with Noir proofs. */
export function transfersRule(options: NoirRuleOptions): NewTypeRule {
  const { honkVerifierSource, circuitId, developmentSetup, proofLength, verificationGas = 1_000_000, sample } = options;
  return {
    kind: 'new',
    contracts: [
      { name: 'HonkVerifier', args: [] },
      { name: 'TransfersRule', args: [circuitId, proofLength, verificationGas, developmentSetup] },
    ],
    sources: { HonkVerifier: honkVerifierSource },
    localOnly: developmentSetup
      ? 'its trusted set-up is a development one, with which anybody can forge proofs (use the real one)'
      : null,
    sample,
  };
}
