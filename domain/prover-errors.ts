/** The inputs cannot be proved, here or anywhere: trying again is a waste. */
export class BadInputError extends Error {
  override readonly name = 'BadInputError';
}

/** The prover failed for a reason of its own (a lost process, no memory): another try or another machine may do. */
export class ProverUnavailableError extends Error {
  override readonly name = 'ProverUnavailableError';
}

/** The prover ran out of memory: a machine of a larger class may do, the same one hardly. */
export class OutOfMemoryError extends Error {
  override readonly name = 'OutOfMemoryError';
}

/** Nothing was wrong with the task: this machine has no time for it. Another is to have it, and no try is used up. */
export class HandedBackError extends Error {
  override readonly name = 'HandedBackError';
}

/** A proof of another proof system is asked for than the one that was set up here. */
export class OtherProofSystemError extends Error {
  override readonly name = 'OtherProofSystemError';
}
