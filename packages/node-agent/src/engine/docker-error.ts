import { EngineError, type EngineErrorCode } from './engine-error.ts';

interface DockerFailure {
  readonly statusCode?: number;
  readonly code?: string;
  readonly message: string;
  readonly json?: unknown;
}

const byStatus: Readonly<Record<number, EngineErrorCode>> = { 400: 'invalid', 404: 'not-found', 409: 'conflict' };
const unreachableCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOENT', 'ECONNRESET', 'EPIPE', 'EACCES']);

/** Turns what dockerode threw (a plain Error with loose properties) into an `EngineError`; `during` says what was tried. */
export function engineErrorOf(thrown: unknown, during: string): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const failure = describe(thrown);
  if (failure.statusCode !== undefined) {
    const code = byStatus[failure.statusCode] ?? 'failed';
    return new EngineError(code, wordsOf(failure), { cause: thrown });
  }
  if (failure.code !== undefined && unreachableCodes.has(failure.code)) {
    return new EngineError('unreachable', `the container engine does not answer (${failure.code}): ${during}`, {
      cause: thrown,
    });
  }
  return new EngineError('failed', `${during}: ${failure.message}`, { cause: thrown });
}

function describe(thrown: unknown): DockerFailure {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { statusCode, code, json } = thrown as Error & { statusCode?: unknown; code?: unknown; json?: unknown };
  return {
    message: thrown.message,
    json,
    ...(typeof statusCode === 'number' ? { statusCode } : {}),
    ...(typeof code === 'string' ? { code } : {}),
  };
}

/** The engine's own sentence, without the "(HTTP code 404) no such container - " that dockerode puts before it. */
function wordsOf(failure: DockerFailure): string {
  const json = failure.json;
  if (typeof json === 'object' && json !== null && 'message' in json && typeof json.message === 'string') {
    return json.message.trim();
  }
  return failure.message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}
