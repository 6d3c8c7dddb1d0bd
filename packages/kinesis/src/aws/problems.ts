import { TranquilityError } from '@tranquility-js/core';
import { describe, kindOf } from './error-kind.js';

/** What cannot go on at the start, told to the user. */
export function kinesisProblem(what: string, error: unknown): TranquilityError {
  const reason = describe(error);
  const kind = kindOf(error);
  if (kind === 'throttled' || kind === 'unreachable') {
    const message = `Kinesis does not answer as it should (${what}): ${reason}. Check kinesis.region and kinesis.endpoint, and that the network lets us there.`;
    return new TranquilityError('TRQ_KINESIS_UNREACHABLE', message, { cause: error });
  }
  const message = `Kinesis refuses us (${what}): ${reason}. Check the credentials, their rights, and kinesis.region.`;
  return new TranquilityError('TRQ_KINESIS_REFUSED', message, { cause: error });
}

/** The same of the table of leases. */
export function leasesProblem(table: string, error: unknown): TranquilityError {
  if (error instanceof TranquilityError) return error;
  const details = { table };
  const reason = describe(error);
  const remedy = remedyOf(error);
  if (remedy === undefined) {
    const message = `The table of leases ${table} cannot be reached: ${reason}. Check kinesis.leases.endpoint and kinesis.region.`;
    return new TranquilityError('TRQ_LEASES_UNREACHABLE', message, { cause: error, details });
  }
  const message = `The table of leases ${table} cannot be used: ${reason}. ${remedy}`;
  return new TranquilityError('TRQ_LEASES_REFUSED', message, { cause: error, details });
}

/** What helps where trying again does not. */
function remedyOf(error: unknown): string | undefined {
  // So DynamoDB answers where the key of a table is another one.
  if (error instanceof Error && error.name === 'ValidationException') {
    return 'If it is a table for something else, choose another kinesis.leases.table.';
  }
  const kind = kindOf(error);
  if (kind === 'throttled' || kind === 'unreachable') return undefined;
  return kind === 'gone'
    ? 'It is not there any more. Restore it: where there is none, a connector that starts makes one, and begins where kinesis.start says.'
    : 'Check the credentials and their rights in DynamoDB.';
}
