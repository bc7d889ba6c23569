import { ApiError, type Status } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { TunnelRequest } from '../http/tunnel-port.ts';
import type { AgentSession } from './agent-session.ts';
import { callerOf, endWithStatus } from './rpc-caller.ts';

export type TunnelCall = ServerDuplexStream<agentV1.TunnelFrame, agentV1.TunnelFrame>;

/** How long an agent may take to open the tunnel that it was asked for. */
const openTimeoutMs = 10_000;

interface Awaited {
  readonly nodeName: string;
  opened(call: TunnelCall, first: agentV1.TunnelFrame): void;
}

/** Matches tunnels that agents open with the requests they are for. */
export class TunnelBroker {
  readonly #world: World;
  readonly #awaited = new Map<string, Awaited>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Asks the agent to run `request`. Rejects with an `ApiError`; see `OpenTunnel` for the stream. */
  async open(session: AgentSession, request: TunnelRequest, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const tunnelId = Buffer.from(this.#world.random.bytes(16)).toString('hex');
    const { promise, resolve, reject } = Promise.withResolvers<AsyncIterable<Uint8Array>>();
    const fail = (error: unknown): void => reject(error);
    const onAbort = (): void => fail(signal.reason);
    const onEnded = (): void => fail(unreachable(session.nodeName, 'its agent lost the connection'));
    using _timeout = this.#world.timers.after(openTimeoutMs, () =>
      fail(unreachable(session.nodeName, `its agent did not answer within ${openTimeoutMs / 1000} s`)),
    );
    this.#awaited.set(tunnelId, {
      nodeName: session.nodeName,
      opened: (call, first) => {
        const refusal = first.frame?.$case === 'end' ? statusError(first.frame.value.status) : undefined;
        if (refusal === undefined) resolve(tunnelOutput(call, first, session.nodeName, signal));
        else reject(refusal);
        if (refusal !== undefined) call.end();
      },
    });
    signal.addEventListener('abort', onAbort, { once: true });
    session.ended.addEventListener('abort', onEnded, { once: true });
    try {
      signal.throwIfAborted();
      if (!session.send({ $case: 'openTunnel', value: openTunnelMessage(tunnelId, request) })) onEnded();
      return await promise;
    } finally {
      this.#awaited.delete(tunnelId);
      signal.removeEventListener('abort', onAbort);
      session.ended.removeEventListener('abort', onEnded);
    }
  }

  /** The other end: an agent calls. Whoever knows the id of a tunnel must also be the node it was asked of. */
  accept(call: TunnelCall): void {
    const caller = callerOf(call);
    call.on('error', () => undefined);
    const timeout = this.#world.timers.after(openTimeoutMs, () =>
      endWithStatus(call, status.DEADLINE_EXCEEDED, 'no frame with a tunnel id'),
    );
    call.once('close', () => timeout[Symbol.dispose]());
    call.once('data', (first: agentV1.TunnelFrame) => {
      call.pause();
      timeout[Symbol.dispose]();
      const awaited = this.#awaited.get(first.tunnelId);
      if (awaited === undefined || caller?.identity.kind !== 'node' || caller.identity.name !== awaited.nodeName) {
        endWithStatus(call, status.NOT_FOUND, 'nobody waits for this tunnel (any more)');
        return;
      }
      this.#awaited.delete(first.tunnelId);
      awaited.opened(call, first);
    });
  }
}

/** The bytes of a tunnel, read from the agent no faster than they are taken. Aborting ends it even if nobody has begun to read. */
function tunnelOutput(
  call: TunnelCall,
  first: agentV1.TunnelFrame,
  nodeName: string,
  signal: AbortSignal,
): AsyncIterable<Uint8Array> {
  const stop = (): void => endWithStatus(call, status.CANCELLED, 'nobody wants the output any more');
  signal.addEventListener('abort', stop, { once: true });
  call.once('close', () => signal.removeEventListener('abort', stop));
  if (signal.aborted) stop();
  return readTunnel(call, first, nodeName, signal);
}

async function* readTunnel(
  call: TunnelCall,
  first: agentV1.TunnelFrame,
  nodeName: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let isComplete = false;
  try {
    for await (const { frame } of framesOf(call, first)) {
      if (frame?.$case === 'data') yield frame.value.bytes;
      if (frame?.$case !== 'end') continue;
      isComplete = true;
      const failure = statusError(frame.value.status);
      if (failure !== undefined) throw failure;
      return;
    }
    throw unreachable(nodeName, 'its agent broke the stream off');
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof ApiError ? error : unreachable(nodeName, 'its agent lost the connection', error);
  } finally {
    if (isComplete) call.end();
    else endWithStatus(call, status.CANCELLED, 'nobody wants the output any more');
  }
}

async function* framesOf(call: TunnelCall, first: agentV1.TunnelFrame): AsyncGenerator<agentV1.TunnelFrame> {
  yield first;
  // The call itself has to be ended with a status; destroying its stream would leave the agent's side open.
  yield* call.iterator({ destroyOnReturn: false }) as AsyncIterable<agentV1.TunnelFrame>;
}

/** A `metav1.Status` as JSON becomes the error it tells of; no bytes mean success. */
export function statusError(bytes: Uint8Array): ApiError | undefined {
  if (bytes.length === 0) return undefined;
  const sent = JSON.parse(Buffer.from(bytes).toString()) as Status;
  const reason = (sent.reason ?? 'InternalError') as ApiError['reason'];
  return new ApiError(reason, sent.message ?? 'the node refused without a reason', sent.details);
}

export function unreachable(nodeName: string, why: string, cause?: unknown): ApiError {
  return new ApiError('ServiceUnavailable', `node ${nodeName} cannot be reached: ${why}`, undefined, { cause });
}

export function openTunnelMessage(tunnelId: string, request: TunnelRequest): agentV1.OpenTunnel {
  const { podUid, container, follow, previous, timestamps, tailLines, sinceTime, limitBytes } = request;
  return {
    tunnelId,
    request: {
      $case: 'logs',
      value: { podUid, container, follow, previous, timestamps, tailLines, sinceTime, limitBytes },
    },
  };
}

/** The reverse, for a request that another server relays. Undefined for one of a kind that is unknown here. */
export function tunnelRequestOf(message: agentV1.OpenTunnel): TunnelRequest | undefined {
  if (message.request?.$case !== 'logs') return undefined;
  const { podUid, container, follow, previous, timestamps, tailLines, sinceTime, limitBytes } = message.request.value;
  return {
    kind: 'logs',
    podUid,
    container,
    follow,
    previous,
    timestamps,
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceTime === undefined ? {} : { sinceTime }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
  };
}
