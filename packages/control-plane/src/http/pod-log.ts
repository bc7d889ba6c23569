import { badRequest, type ContainerStatus, internalError, type Pod } from '@berth/api';
import { queryText } from '../registry/list-options.ts';
import { toApiError } from '../registry/store-failure.ts';
import { decodeStored } from '../registry/stored-object.ts';
import type { Answer } from './answer.ts';
import type { ApiCall } from './api-call.ts';
import { logOptions } from './log-options.ts';
import { refOf } from './object-handlers.ts';
import { getConsistency } from './read-consistency.ts';
import { ResponseStream } from './response-stream.ts';

/** `pods/log`: the output of one container, from the node that runs it, as long as it lasts when followed. */
export async function podLog(call: ApiCall): Promise<Answer> {
  const { registry, streams, openTunnel, world } = call.server;
  const pod = decodeStored(await registry.read(refOf(call), getConsistency(call.query))) as unknown as Pod;
  const name = pod.metadata.name ?? '';
  const container = containerOf(pod, name, queryText(call.query, 'container'));
  const options = logOptions(call.query, name, world.clock.wallMs());
  const nodeName = pod.spec.nodeName ?? '';
  if (nodeName === '') throw badRequest(`pod ${name} does not have a host assigned`);
  if (options.previous && !hasPrevious(pod, container))
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  const left = new AbortController();
  const leave = (): void => left.abort(new Error('the client left'));
  using _open = streams.add(leave);
  call.reply.raw.once('close', leave);
  if (call.reply.raw.destroyed) leave();
  const request = { kind: 'logs', podUid: pod.metadata.uid ?? '', container, ...options } as const;
  const output = await openTunnel(nodeName, request, left.signal);
  call.reply.hijack();
  await relay(call, output, left.signal);
  return { kind: 'streamed' };
}

/** Headers go out at once: a follower may wait long for the first line. A stream that breaks off cuts the connection. */
async function relay(call: ApiCall, output: AsyncIterable<Uint8Array>, left: AbortSignal): Promise<void> {
  const response = new ResponseStream(call.reply.raw, call.server.limits.watchBufferBytes);
  response.open({ 'content-type': 'text/plain', 'cache-control': 'no-cache, private' });
  try {
    for await (const bytes of output) if (!(await response.send(bytes))) return;
    response.end();
  } catch (error) {
    if (left.aborted) {
      response.end();
      return;
    }
    call.request.log.warn({ err: toApiError(error, 'read') }, 'a log stream broke off');
    response.abort();
  }
}

/** The one named, the one the pod names as its default, or the only one. Init containers must be named. */
function containerOf({ metadata, spec }: Pod, podName: string, asked: string | undefined): string {
  const names = spec.containers.map((container) => container.name);
  const initNames = (spec.initContainers ?? []).map((container) => container.name);
  if (asked !== undefined) {
    if ([...names, ...initNames].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${podName}`);
  }
  const annotated = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (annotated !== undefined && names.includes(annotated)) return annotated;
  const [only, ...others] = names;
  if (only === undefined) throw internalError(`pod ${podName} has no containers`);
  if (others.length === 0) return only;
  const initChoice = initNames.length === 0 ? '' : ` or one of the init containers: [${initNames.join(' ')}]`;
  throw badRequest(
    `a container name must be specified for pod ${podName}, choose one of: [${names.join(' ')}]${initChoice}`,
  );
}

function hasPrevious({ status }: Pod, container: string): boolean {
  const all: readonly ContainerStatus[] = [
    ...(status?.containerStatuses ?? []),
    ...(status?.initContainerStatuses ?? []),
  ];
  return all.some(({ name, lastState }) => name === container && lastState?.terminated !== undefined);
}
