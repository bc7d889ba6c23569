import type { Revision, WatchEnd } from '@berth/store';
import { parseWatchOptions, type WatchOptions } from '../registry/list-options.ts';
import { type Selection, selectionOf } from '../registry/object-selection.ts';
import { decodeStored } from '../registry/stored-object.ts';
import type { Answer } from './answer.ts';
import { contentTypes } from './answer-form.ts';
import { type ApiCall, formOf, includedObject } from './api-call.ts';
import { readConsistency } from './read-consistency.ts';
import { lingerMs, ResponseStream } from './response-stream.ts';
import { type WatchForm, watchForm } from './watch-form.ts';
import { startWatch, type WatchStart } from './watch-start.ts';
import { WatchStream } from './watch-stream.ts';

/** Bookmarks tell an idle client how far it has come, so that it can resume there after hours of silence. */
const bookmarkIntervalMs = 30_000;
const initialEventsEnd = { 'k8s.io/initial-events-end': 'true' } as const;

/** Answers changes as they happen, until the client leaves, its time is up or the server closes. */
export async function watchObjects(call: ApiCall): Promise<Answer> {
  const { server, kind, path, query, request, reply } = call;
  const options = parseWatchOptions(query);
  const selection = selectionOf(kind, {
    ...options,
    ...(path.namespace === undefined ? {} : { namespace: path.namespace }),
  });
  const form = formOf(call);
  const start = await startWatch(server.store, selection, options, readConsistency(query));
  reply.hijack();
  const response = new ResponseStream(reply.raw, server.limits.watchBufferBytes);
  response.open({ 'content-type': contentTypes[form.encoding], 'cache-control': 'no-cache, private' });
  const lines = watchForm(kind, form, includedObject(query), server.world);
  await followUntilEnd(call, response, lines, selection, options, start).catch((error: unknown) => {
    request.log.error({ err: error }, 'a watch failed');
    response.abort();
  });
  return { kind: 'streamed' };
}

async function followUntilEnd(
  call: ApiCall,
  response: ResponseStream,
  form: WatchForm,
  selection: Selection,
  options: WatchOptions,
  start: WatchStart,
): Promise<void> {
  const { world, streams, limits, metrics } = call.server;
  const ended = Promise.withResolvers<WatchEnd>();
  let following = false;
  const close = (): void => {
    ended.resolve({ kind: 'closed' });
    if (!following) response.abort();
  };
  call.reply.raw.once('close', close);
  if (response.isGone) close();
  using _open = streams.add(close);
  using _deadline = world.timers.after(watchMs(call, options, limits.watchSecondsMin), close);
  if (!(await sendState(response, form, start)) || response.isGone) return;
  following = true;
  const count = metrics.watchEventCounter(call.kind);
  const sink = new WatchStream({
    response,
    encodings: call.server.encodings,
    form,
    selects: selection.selects,
    bookmarks: options.allowWatchBookmarks,
    onSent: count,
    onEnd: ended.resolve,
  });
  using _watch = call.server.store.watch(
    {
      ...selection.range,
      startRevision: (start.revision + 1) as Revision,
      ...(options.allowWatchBookmarks ? { bookmarkIntervalMs } : {}),
    },
    sink,
  );
  const reason = await ended.promise;
  if (reason.kind === 'slow') metrics.watcherTerminated(call.kind.resource);
  response.end();
  if (reason.kind === 'slow') cutIfStuck(call, response);
}

/** The state so far, as fast as the client takes it; false when it left meanwhile. */
async function sendState(response: ResponseStream, form: WatchForm, start: WatchStart): Promise<boolean> {
  for (const kv of start.initial) {
    const line = form.encode({ type: 'ADDED', bytes: kv, object: () => decodeStored(kv) });
    if (!(await response.send(line))) return false;
  }
  return start.announceEnd ? response.send(form.bookmark(start.revision, initialEventsEnd)) : true;
}

/** A client that does not even take what is already on its way holds memory for nothing. */
function cutIfStuck(call: ApiCall, response: ResponseStream): void {
  const timer = call.server.world.timers.after(lingerMs, () => response.abort());
  call.reply.raw.once('close', () => timer[Symbol.dispose]());
}

/** Spread over time, so that the clients of a restarted server do not all come back at once. */
function watchMs({ server: { world } }: ApiCall, { timeoutSeconds }: WatchOptions, secondsMin: number): number {
  return (timeoutSeconds ?? secondsMin + world.random.integer(secondsMin)) * 1000;
}
