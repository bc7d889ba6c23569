import { subscribe } from 'node:diagnostics_channel';
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/**
 * What a caller may have under way without being told that some of it was read. HTTP/2 begins with 64 KiB: that is a message back for every few
 * appends, and on a link with a round trip of 100 ms no more than 640 KiB a second. What one peer can make this member hold is bounded by it.
 */
export const flowWindowBytes: number = 4 * 1024 * 1024;

const widened = new WeakSet<ServerHttp2Session>();

/** Gives wide windows to everybody who calls this thread by HTTP/2. gRPC sets them for its clients only. */
export function widenFlowWindows(): void {
  subscribe('http2.server.stream.created', onStream);
}

function onStream(message: unknown): void {
  const { session } = (message as { readonly stream: ServerHttp2Stream }).stream;
  if (session === undefined || session.closed || widened.has(session as ServerHttp2Session)) return;
  const accepted = session as ServerHttp2Session;
  widened.add(accepted);
  accepted.setLocalWindowSize(flowWindowBytes);
  accepted.settings({ initialWindowSize: flowWindowBytes });
}
