import { badRequest, type Eviction, evictionMessage } from '@berth/api';
import { type Answer, successAnswer } from './answer.ts';
import { type ApiCall, nameOf } from './api-call.ts';
import { deleteRequestOf } from './delete-options.ts';
import { refOf } from './object-handlers.ts';
import { type BodyKind, readBody } from './sub-resource-body.ts';
import { writeContext } from './write-context.ts';

const evictionKind: BodyKind<Eviction> = { group: 'policy', version: 'v1', kind: 'Eviction', message: evictionMessage };

/** `POST …/pods/NAME/eviction`: a deletion that respects disruption budgets; what `kubectl drain` sends. */
export async function evict(call: ApiCall): Promise<Answer> {
  const { metadata, deleteOptions = {} } = readBody(call, evictionKind, writeContext(call));
  const name = nameOf(call);
  const named = metadata?.name ?? name;
  if (named !== name)
    throw badRequest(`the name of the eviction (${named}) does not match the name of the pod on the URL (${name})`);
  const context = writeContext(call, deleteOptions.dryRun);
  await call.server.registry.evict(refOf(call), deleteRequestOf(deleteOptions), context);
  return successAnswer(201);
}
