import { setImmediate as turn } from 'node:timers/promises';
import { realWorld } from '@berth/world';
import { expect, test, vi } from 'vitest';
import type { LogChunk } from '../src/engine/engine.ts';
import { FakeEngine } from '../src/engine/fake-engine.ts';
import { silentLog } from '../src/logging/log.ts';
import type { ObservedMember } from '../src/pod/observed-container.ts';
import { ServerSession } from '../src/session/server-session.ts';
import { TunnelDesk, tunnelsMax } from '../src/tunnel/tunnel-desk.ts';
import { aPod } from './support/fake-node.ts';
import { identityFor, json, ScriptedServer } from './support/scripted-server.ts';
import { TestAuthority } from './support/test-authority.ts';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** An engine whose logs go on until the test ends them. */
class EndlessLogs extends FakeEngine {
  readonly over = Promise.withResolvers<void>();
  following = 0;

  override async *logs(): AsyncGenerator<LogChunk> {
    this.following += 1;
    await this.over.promise;
    yield { stream: 'stdout', bytes: Buffer.from('the end\n') };
  }
}

async function openDesk() {
  const authority = new TestAuthority();
  const server = await ScriptedServer.open(authority);
  const engine = new EndlessLogs({ world: realWorld, images: {} });
  const running = { id: 'web0', state: { kind: 'running', pid: 1, startedAtMs: 0 }, removed: false };
  const desk = new TunnelDesk({
    engine,
    log: silentLog,
    find: () => ({ pod: aPod(), status: {} }),
    members: () => [running as unknown as ObservedMember],
  });
  const session = new ServerSession({
    address: server.address,
    identity: identityFor(authority, 'n1', 'c1', [server]),
    hello: { nodeName: 'n1', processId: 'p', protocolVersion: 1, agentVersion: 'v', node: json({}) },
    connectMs: 10_000,
    world: realWorld,
    onWelcome: () => undefined,
    onMessage: (word, { client }) => {
      if (word.$case === 'openTunnel') desk.open(word.value, client);
    },
    onDrain: () => undefined,
  });
  await server.until('the session stands', () => server.heartbeats > 0);
  return {
    server,
    engine,
    async [Symbol.asyncDispose]() {
      session.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

const request = { podUid: 'u1', container: 'web', follow: true };

test('a request beyond those that are served at once is answered with the reason; when others end there is room again', async () => {
  await using bench = await openDesk();
  const { engine, server } = bench;
  const served = Array.from({ length: tunnelsMax }, () => server.logs(request));
  while (engine.following < tunnelsMax) await turn();
  await expect(server.logs(request)).rejects.toMatchObject({
    kind: 'Status',
    code: 429,
    reason: 'TooManyRequests',
    message: `the agent of this node serves ${tunnelsMax} requests at once, and all are taken: try again later`,
  });
  engine.over.resolve();
  expect(new Set(await Promise.all(served))).toEqual(new Set(['the end\n']));
  expect(await server.logs(request)).toBe('the end\n');
});

test('a request of a kind that came with a later version is answered too', async () => {
  await using bench = await openDesk();
  await expect(bench.server.ask(undefined)).rejects.toMatchObject({
    code: 400,
    message: 'the agent of this node does not know this request',
  });
});
