import { type Binding, badRequest, bindingMessage } from '@berth/api';
import { type Answer, successAnswer } from './answer.ts';
import { type ApiCall, nameOf } from './api-call.ts';
import { type BodyKind, readBody } from './sub-resource-body.ts';
import { writeContext } from './write-context.ts';

const bindingKind: BodyKind<Binding> = { group: '', version: 'v1', kind: 'Binding', message: bindingMessage };

/** `POST …/pods/NAME/binding`: how schedulers place pods. */
export function bindNamed(call: ApiCall): Promise<Answer> {
  const name = nameOf(call);
  const binding = readBody(call, bindingKind, writeContext(call));
  const named = binding.metadata?.name ?? name;
  if (named !== name)
    throw badRequest(`the name of the binding (${named}) does not match the name of the pod on the URL (${name})`);
  return bind(call, binding, name);
}

/** `POST …/bindings`: the same with the pod's name in the body. */
export function bindPosted(call: ApiCall): Promise<Answer> {
  const binding = readBody(call, bindingKind, writeContext(call));
  const name = binding.metadata?.name;
  if (name === undefined) throw badRequest('metadata.name: the pod must be named');
  return bind(call, binding, name);
}

async function bind(call: ApiCall, { metadata, target }: Binding, pod: string): Promise<Answer> {
  const { uid, annotations } = metadata ?? {};
  const binding = {
    namespace: call.path.namespace ?? '',
    pod,
    nodeName: target.name ?? '',
    ...(uid === undefined ? {} : { uid }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  await call.server.registry.bindPod(binding, writeContext(call));
  return successAnswer(201);
}
