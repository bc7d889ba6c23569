import type { ApiFailure } from '../client/api-client.ts';

/** A refusal as users of kubectl know it. */
export function failureLine({ message, reason }: ApiFailure): string {
  return `Error from server (${reason}): ${message}`;
}
