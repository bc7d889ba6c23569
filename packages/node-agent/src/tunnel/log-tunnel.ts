import { once } from 'node:events';
import { ApiError, type Pod, type PodStatus, parseTime } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import type { Engine, LogRequest } from '../engine/engine.ts';
import { messageOf } from '../engine/engine-error.ts';
import type { Log } from '../logging/log.ts';
import type { ObservedMember } from '../pod/observed-container.ts';
import { logSource, statusBytes } from './log-source.ts';

/** Frames stay well below what gRPC takes at once. */
const frameBytesMax = 64 * 1024;

export interface LogTunnelOptions {
  readonly engine: Engine;
  readonly log: Log;
  readonly find: (uid: string) => { readonly pod: Pod | undefined; readonly status: PodStatus } | undefined;
  /** Runs of a container, newest first. */
  readonly members: (uid: string, container: string) => readonly ObservedMember[];
}

type Call = ClientDuplexStream<agentV1.TunnelFrame, agentV1.TunnelFrame>;

/** Serves one request for logs over a tunnel of its own; resolves when it is done, however it ended. */
export async function serveLogs(
  options: LogTunnelOptions,
  client: agentV1.AgentGatewayClient,
  tunnelId: string,
  request: agentV1.LogsRequest,
): Promise<void> {
  const call: Call = client.tunnel();
  const stop = new AbortController();
  const cancelled = () => stop.abort();
  call.on('error', cancelled);
  call.on('end', cancelled);
  call.resume();
  try {
    const source = sourceOf(options, request);
    call.write({ tunnelId });
    await copyLog(options.engine, source, request, call, stop.signal);
    end(call, Buffer.alloc(0));
  } catch (error) {
    options.log.debug({ error: messageOf(error), pod: request.podUid }, 'a log could not be served');
    // The first frame names the tunnel; in a later one the name does no harm.
    if (!stop.signal.aborted) end(call, statusBytes(error), tunnelId);
  } finally {
    stop.abort();
  }
}

/** Answers a request that is not served; resolves when the answer is on its way. */
export async function refuseTunnel(
  client: agentV1.AgentGatewayClient,
  tunnelId: string,
  refusal: ApiError,
): Promise<void> {
  const call: Call = client.tunnel();
  const closed = new Promise<void>((resolve) => call.on('status', () => resolve()));
  call.on('error', () => undefined);
  call.resume();
  end(call, statusBytes(refusal), tunnelId);
  await closed;
}

function sourceOf(
  { find, members }: LogTunnelOptions,
  { podUid, container, previous }: agentV1.LogsRequest,
): ObservedMember {
  const found = find(podUid);
  if (found?.pod === undefined) throw new ApiError('NotFound', `the pod with uid ${podUid} is not on this node`);
  return logSource(found.pod, found.status, members(podUid, container), { container, previous });
}

async function copyLog(
  engine: Engine,
  source: ObservedMember,
  request: agentV1.LogsRequest,
  call: Call,
  signal: AbortSignal,
): Promise<void> {
  let left = request.limitBytes ?? Number.POSITIVE_INFINITY;
  for await (const { stream, bytes } of engine.logs(source.id, engineRequest(request), signal)) {
    const wanted = bytes.subarray(0, Math.min(left, bytes.length));
    left -= wanted.length;
    for (let start = 0; start < wanted.length; start += frameBytesMax) {
      const part = Buffer.from(wanted.subarray(start, start + frameBytesMax));
      const frame = { $case: 'data', value: { channel: stream === 'stdout' ? 1 : 2, bytes: part } } as const;
      // The reader sets the pace.
      if (!call.write({ tunnelId: '', frame })) await once(call, 'drain', { signal });
    }
    if (left <= 0) return;
  }
}

function engineRequest({ follow, timestamps, tailLines, sinceTime }: agentV1.LogsRequest): LogRequest {
  const sinceMs = sinceTime === undefined ? undefined : parseTime(sinceTime);
  return {
    follow,
    timestamps,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

function end(call: Call, status: Buffer, tunnelId = ''): void {
  call.write({ tunnelId, frame: { $case: 'end', value: { status } } });
  call.end();
}
