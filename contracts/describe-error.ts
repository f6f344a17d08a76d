import type { ErrorDescription, Interface } from 'ethers';

/** What a miner can do about an error of the contracts, by its name; `ADDRESS` stands for the rollup. */
const ADVICE: Record<string, string> = {
  AlreadyCommitted: 'one proofHash counts a miner and round; it is revealed when the window opens',
  AlreadyVerified: 'nothing is left to commit to: its proof was accepted',
  AnotherPosting: 'the sequence was rolled back and posted anew: prove what is posted now',
  AnotherStateAccepted: 'the proof is of other data than was accepted',
  BatchTimestamp: 'give each batch a time that is neither before the last one nor after the block',
  BlockTimeOutOfRange: 'give the mean time between two blocks of this chain',
  BrokenProofAccepted: 'the rule does not check proofs: fix it, deploy it again, and register that one',
  CapReached: 'raise the cap with "npm run miner -- cap AMOUNT --rollup ADDRESS", or settle what has ended there',
  DelayOutOfRange: 'choose a delay from 1 second to the limit',
  HashWindowClosed: 'wait for the outcome of the round; the next one takes proofHashes again',
  InsufficientFreeStake:
    'add to the stake with "npm run miner -- deposit AMOUNT --rollup ADDRESS", or settle with ' +
    '"npm run miner -- settle --rollup ADDRESS"; reserves of open commitments cannot be used',
  LateProofInvalid: "nothing is lost; the proof and the rollup's rule do not belong together",
  LateProofMismatch: 'nothing is lost; reveal the proof that the hash was made of',
  NoOpenCommitment: '"npm run miner -- status --rollup ADDRESS" lists the commitments that are open',
  NoSuchSequence: 'give the last batch of a posted sequence ("npm run status" tells what is posted)',
  NotAWholeSequence: 'give exactly one posted sequence: the batch before its first, and its last',
  LocalExitRootUnsupported: 'give 0: statements of this type have no exit root',
  NotAContract: 'deploy it first, or check the address and the chain',
  NotATypeRule: 'give the address of a contract with every function of ITypeRule',
  NotEnoughGas: 'send it with a higher gas limit, never with an estimated one',
  NothingToClaim: 'no reward is owed; "npm run miner -- status --rollup ADDRESS" shows rewards',
  NothingToSettle: 'its round is not over yet, or it is booked already',
  OtherTerms: 'the settings have changed since the sequence was read: read it again, and look at the new terms',
  OutsideRevealWindow: 'send it in a block of the window; before it wait, after it the round has failed',
  PostingTooExpensive: 'post fewer batches in one sequence',
  PredecessorVerified: 'the predecessor is verified, so the proof can be revealed: the sender does so in its window',
  ProofLength: "the proof is not of the rollup's proof system",
  ProposalLapsed: 'propose the settings anew',
  ReserveTooSmall: 'put at least the minimum at risk',
  RollupPaused: "no round can be opened until the rollup's admin resumes it; one that is open can be joined",
  RollupTypeIsObsolete: 'launch a rollup of a type that is not obsolete',
  RollbackUnderway: 'let the admin take out the rest of it first: executeRollback, from the next block on post again',
  RuleFigures: 'let the rule declare the gas and the proof lengths that it really has, within the limits named',
  RuleNotRegistered: 'register the rule with the factory first, or choose one that is not obsolete',
  SaltUsed: 'give another salt; the rollup of this one is at the address named',
  SampleRefused: 'give a right proof of the sample statement, and the gas that verifying it takes',
  SharesOutOfRange: 'choose 100 <= silence < wrong proof <= 10000 and late <= 5000 basis points',
  StatementNotBound: 'a proof of it would prove too little: fix the rule, deploy it again, and register that one',
  SilenceWouldBeFree: 'raise the minimum reserve: its silence share must be at least one of the smallest unit',
  TakeBackTooEarly: 'wait for that block: a hash may be taken back once T1 is over',
  TooEarly: 'wait for that block: what an admin announces takes effect after its delay',
  TooManyOpenCommitments: 'wait for some to end, or settle with "npm run miner -- settle --rollup ADDRESS"',
  UnverifiedSequences: 'let everything posted be verified, or roll it back, and apply the settings then',
  VerificationUnknown: 'nothing is lost; send it with a higher gas limit',
  WindowOutOfRange: 'choose T1 from 1 second to Tmin, T2 from 1 second to its limit, and Tmin up to its limit',
  WrongValue:
    'a pool of coins takes just the amount with the call, a pool of a token takes no coins: ' +
    '"npm run miner -- deposit AMOUNT --rollup ADDRESS" sends what the pool keeps',
  ZeroProofHash: 'commit to a proof',
};

/**
 * An error of the contracts as a person reads it: its name, its numbers by their names, and what to do about it.
 *
 * @param rollup that the commands in the advice name; without it they cannot be typed as they stand
 */
export function describeError({ name, args, fragment }: ErrorDescription, rollup = 'ADDRESS'): string {
  const values = fragment.inputs.map((input, index) => `${input.name} ${String(args[index])}`);
  const advice = ADVICE[name]?.replaceAll('ADDRESS', rollup);
  return `${name}(${values.join(', ')})${advice === undefined ? '' : `: ${advice}`}`;
}

/**
 * As `describeError`, from what a call reverted with.
 *
 * @param data `0x` where nothing was given
 */
export function describeRevert(contract: Interface, data: string, rollup?: string): string {
  const error = data.length >= 10 ? contract.parseError(data) : null;
  if (error) return describeError(error, rollup);
  if (data !== '0x') return `an error without a name (${data.slice(0, 10)})`;
  return "no error of the contract's own (0x): mostly it has run out of gas";
}
