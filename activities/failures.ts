import { CompleteAsyncError, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

/**
 * Errors, by name, that another try cannot mend: the workflow hears of them at once. Everything else (a lost
 * connection, a dead prover, a lagging endpoint) is tried again as the activity's retry policy says.
 */
const NON_RETRYABLE: ReadonlySet<string> = new Set([
  // Has to be made again before anything that needs it can go on: plan the sequence's proofs afresh.
  'ArtifactLostError',
  'ArtifactTooLargeError',
  // Asked for what makes no sense.
  'InconsistentTaskError',
  // A machine has no time for it: its workflow gives it to another, as the same try.
  'HandedBackError',
  // A person has to change a setting or the installation first.
  'UnknownRollupTypeError',
  'ManifestError',
  'OtherProofSystemError',
]);

/** Errors, by name, that one try alone does not prove: from so many on, the answer is believed. */
const BELIEVED_AFTER_TRIES: ReadonlyMap<string, number> = new Map([
  // A lagging endpoint knows nothing of the contract either.
  ['NoContractError', 5],
  // A node that takes a new block in just then may mix the two.
  ['OtherBlockNumbersError', 5],
  // Nobody can prove it; or one machine says so that is faulty, or lies.
  ['BadInputError', 3],
]);

/**
 * The one place where errors become Temporal failures: the type of a failure is the error's name, its message the
 * error's own, so that a workflow and a person both know what happened.
 *
 * @param attempt of the activity, from 1
 */
export function toFailure(error: unknown, attempt: number): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof CompleteAsyncError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const nonRetryable = NON_RETRYABLE.has(cause.name) || attempt >= (BELIEVED_AFTER_TRIES.get(cause.name) ?? Infinity);
  return ApplicationFailure.create({ message: describe(cause), type: cause.name, nonRetryable, cause });
}

/** Wraps an activity so that whatever it throws goes through `toFailure`, and a cancelled one ends as cancelled. */
export function mappingFailures<Args extends unknown[], Result>(
  run: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await run(...args);
    } catch (error) {
      const { cancellationSignal, info } = Context.current();
      if (cancellationSignal.aborted && isAbort(error, cancellationSignal)) {
        throw error instanceof CancelledFailure ? error : new CancelledFailure('The activity was cancelled');
      }
      throw toFailure(error, info.attempt);
    }
  };
}

function isAbort(error: unknown, signal: AbortSignal): boolean {
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError');
}

/** Several connection attempts that all failed carry their reasons inside and say nothing themselves. */
function describe(error: Error): string {
  if (error.message !== '') return error.message;
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.name;
}
