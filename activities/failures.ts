import { CompleteAsyncError, Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';

/**
 * Errors, by name, that another try cannot mend: the workflow hears of them at once. Everything else (a lost
 * connection, a dead prover, a lagging endpoint) is tried again as the activity's retry policy says.
 */
const NON_RETRYABLE: ReadonlySet<string> = new Set([
  // Nobody can prove it.
  'BadInputError',
  // Has to be made again before anything that needs it can go on: plan the sequence's proofs afresh.
  'ArtifactLostError',
  'ArtifactTooLargeError',
  // Asked for what makes no sense.
  'InconsistentTaskError',
  'NoContractError',
  'WrongChainError',
  'UnknownRollupTypeError',
]);

/**
 * The one place where errors become Temporal failures: the type of a failure is the error's name, its message the
 * error's own, so that a workflow and a person both know what happened.
 */
export function toFailure(error: unknown): Error {
  if (error instanceof ApplicationFailure || error instanceof CancelledFailure) return error;
  if (error instanceof CompleteAsyncError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  const nonRetryable = NON_RETRYABLE.has(cause.name);
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
      const { cancellationSignal } = Context.current();
      if (cancellationSignal.aborted && isAbort(error, cancellationSignal)) {
        throw error instanceof CancelledFailure ? error : new CancelledFailure('The activity was cancelled');
      }
      throw toFailure(error);
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
