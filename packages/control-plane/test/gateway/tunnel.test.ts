import type { ApiError } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { realWorld } from '@berth/world';
import { type ClientDuplexStream, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tunnelRouter } from '../../src/cluster/tunnel-router.ts';
import type { OpenTunnel } from '../../src/http/tunnel-port.ts';
import { type GatewayBench, openGatewayBench } from './gateway-bench.ts';
import type { ScriptedAgent } from './scripted-agent.ts';

const request = {
  kind: 'logs',
  podUid: 'u1',
  container: 'c',
  follow: true,
  previous: false,
  timestamps: false,
  tailLines: 10,
} as const;

let near: GatewayBench;
let far: GatewayBench;
beforeEach(async () => {
  near = await openGatewayBench();
  far = await openGatewayBench({ name: 's2', store: near.store, authority: near.authority });
});
afterEach(async () => {
  await far[Symbol.asyncDispose]();
  await near[Symbol.asyncDispose]();
});

/** As the HTTP edge of `server` would open it. */
function router(server: GatewayBench): OpenTunnel {
  const otherGateways = (): readonly string[] =>
    [near, far].filter((bench) => bench !== server).map(({ address }) => address);
  return tunnelRouter({ gateway: server.gateway, clients: server.clients, world: realWorld, otherGateways });
}

async function connected(server: GatewayBench): Promise<ScriptedAgent> {
  const agent = await server.agent('n1');
  agent.hello();
  await agent.next('synced');
  return agent;
}

type Tunnel = ClientDuplexStream<agentV1.TunnelFrame, agentV1.TunnelFrame>;

/** The agent's answer to the next request for a tunnel. */
async function answer(agent: ScriptedAgent, first: Partial<agentV1.TunnelFrame> = {}): Promise<Tunnel> {
  const { tunnelId, request: asked } = await agent.next('openTunnel');
  expect(asked).toEqual({
    $case: 'logs',
    value: { podUid: 'u1', container: 'c', follow: true, previous: false, timestamps: false, tailLines: 10 },
  });
  const tunnel = agent.client.tunnel();
  tunnel.on('error', () => undefined);
  tunnel.on('data', () => undefined);
  tunnel.write({ ...first, tunnelId });
  return tunnel;
}

function data(text: string): agentV1.TunnelFrame {
  return { tunnelId: '', frame: { $case: 'data', value: { channel: 1, bytes: Buffer.from(text) } } };
}

function end(failure?: object): agentV1.TunnelFrame {
  const bytes = failure === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(failure));
  return { tunnelId: '', frame: { $case: 'end', value: { status: bytes } } };
}

async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const bytes of output) text += Buffer.from(bytes).toString();
  return text;
}

function failure(promise: Promise<unknown>): Promise<ApiError> {
  return promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: ApiError) => error,
  );
}

describe.each(['this server', 'another server'])('a tunnel to a node whose session is on %s', (where) => {
  const home = (): GatewayBench => (where === 'this server' ? near : far);
  const open = (signal = new AbortController().signal) => router(near)('n1', request, signal);

  test('brings what the agent sends, to the end', async () => {
    const agent = await connected(home());
    const opening = open();
    const tunnel = await answer(agent, data('one '));
    tunnel.write(data('two'));
    tunnel.write(end());
    tunnel.end();
    expect(await textOf(await opening)).toBe('one two');
  });

  test('is refused with the words of the agent', async () => {
    const agent = await connected(home());
    const opening = open();
    await answer(agent, end({ reason: 'BadRequest', message: 'container c is waiting to start', code: 400 }));
    expect(await failure(opening)).toMatchObject({ reason: 'BadRequest', message: 'container c is waiting to start' });
  });

  test('ends with an error when the agent breaks off', async () => {
    const agent = await connected(home());
    const opening = open();
    const tunnel = await answer(agent, data('half'));
    const reading = textOf(await opening);
    tunnel.cancel();
    const error = await failure(reading);
    expect(error.reason).toBe('ServiceUnavailable');
    expect(error.message).toContain('node n1 cannot be reached');
  });

  test('is cancelled at the agent when the client leaves, even before anything was read', async () => {
    const agent = await connected(home());
    const client = new AbortController();
    const opening = open(client.signal);
    const tunnel = await answer(agent);
    await opening;
    const over = new Promise<{ code: status }>((resolve) => tunnel.on('status', resolve));
    client.abort(new Error('the client has left'));
    expect((await over).code).toBe(status.CANCELLED);
  });

  test('carries more than any buffer holds, in order', async () => {
    const agent = await connected(home());
    const opening = open();
    const tunnel = await answer(agent);
    const chunk = Buffer.alloc(64 * 1024);
    void (async () => {
      for (let at = 0; at < 200; at++) {
        const bytes = Buffer.from(chunk.fill(at));
        const frame = { tunnelId: '', frame: { $case: 'data', value: { channel: 1, bytes } } } as const;
        if (!tunnel.write(frame)) await new Promise((resolve) => tunnel.once('drain', resolve));
      }
      tunnel.write(end());
      tunnel.end();
    })();
    let size = 0;
    for await (const bytes of await opening) {
      if (bytes.length > 0) expect(bytes[0]).toBe(Math.floor(size / chunk.length) % 256);
      size += bytes.length;
    }
    expect(size).toBe(200 * chunk.length);
  });
});

test('a node without a session anywhere cannot be reached, and the error says so', async () => {
  const error = await failure(router(near)('n9', request, new AbortController().signal));
  expect(error).toMatchObject({
    code: 503,
    message: 'node n9 cannot be reached: its agent is connected to no server that answers',
  });
});

test('an agent that loses its connection while it is asked', async () => {
  const agent = await connected(near);
  const opening = router(near)('n1', request, new AbortController().signal);
  await agent.next('openTunnel');
  agent[Symbol.dispose]();
  expect((await failure(opening)).message).toBe('node n1 cannot be reached: its agent lost the connection');
});

test('nobody but the node that was asked can open a tunnel', async () => {
  const agent = await connected(near);
  const opening = router(near)('n1', request, new AbortController().signal);
  const { tunnelId } = await agent.next('openTunnel');
  const thief = await near.agent('n2');
  const stolen = thief.client.tunnel();
  const over = new Promise<{ code: status }>((resolve) => stolen.on('status', resolve));
  stolen.on('error', () => undefined);
  stolen.on('data', () => undefined);
  stolen.write({ ...end(), tunnelId });
  expect((await over).code).toBe(status.NOT_FOUND);
  agent[Symbol.dispose]();
  await failure(opening);
});
