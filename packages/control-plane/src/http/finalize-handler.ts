import type { Answer } from './answer.ts';
import { type ApiCall, nameOf } from './api-call.ts';
import { objectAnswer } from './object-answer.ts';
import { parsedBody } from './request-body.ts';
import { writeContext } from './write-context.ts';

/** `PUT …/namespaces/NAME/finalize`: who has finished with a namespace takes its finalizer off here. */
export async function finalize(call: ApiCall): Promise<Answer> {
  const sent = parsedBody(call, call.kind);
  const outcome = await call.server.registry.finalizeNamespace(nameOf(call), sent, writeContext(call));
  return objectAnswer(call, outcome.bytes);
}
