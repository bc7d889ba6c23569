import { once } from 'node:events';
import { ApiError, internalError } from '@berth/api';
import { agentV1, type serverV1 } from '@berth/wire';
import type { World } from '@berth/world';
import { type ClientDuplexStream, type ServerDuplexStream, status } from '@grpc/grpc-js';
import type { AgentGateway } from '../gateway/agent-gateway.ts';
import { endWithStatus } from '../gateway/rpc-caller.ts';
import { openTunnelMessage, statusError, tunnelRequestOf, unreachable } from '../gateway/tunnel-broker.ts';
import type { TunnelRequest } from '../http/tunnel-port.ts';

type RelayCall = ServerDuplexStream<serverV1.RelayFrame, serverV1.RelayFrame>;
type RelayStream = ClientDuplexStream<serverV1.RelayFrame, serverV1.RelayFrame>;

const requestTimeoutMs = 5_000;
/** A little more than the agent itself is given. */
const openTimeoutMs = 12_000;

/** The side that has the agent's session: runs the tunnel and sends on what comes out of it. */
export function serveRelay(call: RelayCall, gateway: Pick<AgentGateway, 'openTunnel'>, world: World): void {
  const left = new AbortController();
  const leave = (): void => left.abort(new Error('the other server has left'));
  call.once('cancelled', leave);
  call.once('close', leave);
  const timeout = world.timers.after(requestTimeoutMs, () =>
    endWithStatus(call, status.DEADLINE_EXCEEDED, 'no frame with a request'),
  );
  call.once('data', ({ frame }: serverV1.RelayFrame) => {
    timeout[Symbol.dispose]();
    // There is nothing else to come from this side yet; reading on shows when it ends.
    call.on('data', () => undefined);
    if (frame?.$case !== 'request') {
      endWithStatus(call, status.INVALID_ARGUMENT, 'the first frame must be a request');
      return;
    }
    void run(call, frame.value, gateway, left.signal).catch((error: unknown) =>
      endWithStatus(call, status.INTERNAL, String(error)),
    );
  });
}

async function run(
  call: RelayCall,
  { nodeName, openTunnel }: serverV1.RelayRequest,
  gateway: Pick<AgentGateway, 'openTunnel'>,
  signal: AbortSignal,
): Promise<void> {
  try {
    const request = tunnelRequestOf(agentV1.OpenTunnel.decode(openTunnel));
    if (request === undefined) throw new ApiError('NotImplemented', 'this server does not know this kind of tunnel');
    const output = await gateway.openTunnel(nodeName, request, signal);
    call.write({ frame: { $case: 'data', value: Buffer.alloc(0) } });
    for await (const bytes of output) {
      if (!call.write({ frame: { $case: 'data', value: Buffer.from(bytes) } })) await once(call, 'drain', { signal });
    }
    call.write({ frame: { $case: 'end', value: Buffer.alloc(0) } });
  } catch (error) {
    if (signal.aborted) return;
    const failure = error instanceof ApiError ? error : internalError(String(error));
    call.write({ frame: { $case: 'end', value: Buffer.from(JSON.stringify(failure.status)) } });
  }
  call.end();
}

export interface RelayedTunnelOptions {
  readonly stream: RelayStream;
  readonly nodeName: string;
  readonly request: TunnelRequest;
  readonly world: World;
  readonly signal: AbortSignal;
}

/** The side that was asked for it: what the other server sends, as `OpenTunnel` promises it. */
export async function relayedTunnel(options: RelayedTunnelOptions): Promise<AsyncIterable<Uint8Array>> {
  const { nodeName, request, signal, stream, world } = options;
  const stop = (): void => stream.cancel();
  signal.addEventListener('abort', stop, { once: true });
  stream.on('error', () => undefined);
  stream.once('status', () => signal.removeEventListener('abort', stop));
  const openTunnel = Buffer.from(agentV1.OpenTunnel.encode(openTunnelMessage('', request)).finish());
  stream.write({ frame: { $case: 'request', value: { nodeName, openTunnel } } });
  if (signal.aborted) stop();
  const output = readRelay(stream, nodeName, signal);
  using _timeout = world.timers.after(openTimeoutMs, stop);
  // The other server's first frame says that the tunnel is open; a refusal arrives here and not in the stream.
  await output.next();
  return output;
}

async function* readRelay(stream: RelayStream, nodeName: string, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    for await (const { frame } of stream as AsyncIterable<serverV1.RelayFrame>) {
      if (frame?.$case === 'data') yield frame.value;
      if (frame?.$case !== 'end') continue;
      const failure = statusError(frame.value);
      if (failure !== undefined) throw failure;
      return;
    }
    throw unreachable(nodeName, 'the server that has its session broke the stream off');
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof ApiError) throw error;
    throw unreachable(nodeName, 'the server that has its session lost the connection', error);
  } finally {
    stream.cancel();
  }
}
