/**
 * How an engine call can fail. Whoever calls decides by the code, never by the words.
 *
 * | code | meaning | can a retry help |
 * |---|---|---|
 * | `not-found` | no such container or image | no: look again what there is |
 * | `conflict` | the name is taken, or the state forbids it | no: look again |
 * | `invalid` | the engine refuses the request as it is | no: the pod must change |
 * | `start-failed` | the program cannot be run | after a back-off |
 * | `registry` | an image could not be fetched; the message has the registry's words | after a back-off |
 * | `unreachable` | the engine does not answer | yes, once it is back |
 * | `failed` | anything else the engine complains of | after a back-off |
 */
export type EngineErrorCode =
  | 'not-found'
  | 'conflict'
  | 'invalid'
  | 'start-failed'
  | 'registry'
  | 'unreachable'
  | 'failed';

export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** True when `error` says that the container or image does not exist (any more). */
export function isNotFound(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'not-found';
}

/** True when the engine does not answer at all: nothing is known of what became of the call. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'unreachable';
}

/** The sentence to show to people, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
