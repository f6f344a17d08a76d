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

/** A proof of another proof system is asked for than the one that was set up here. */
export class OtherProofSystemError extends Error {
  override readonly name = 'OtherProofSystemError';
}
