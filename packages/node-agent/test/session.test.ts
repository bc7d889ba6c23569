import { type AddressInfo, createServer, type Socket } from 'node:net';
import { realWorld, type World } from '@berth/world';
import { expect, test, vi } from 'vitest';
import { silentLog } from '../src/logging/log.ts';
import { ReportQueue } from '../src/session/report-queue.ts';
import { ServerBook } from '../src/session/server-book.ts';
import type { ServerWord } from '../src/session/server-session.ts';
import { SessionKeeper } from '../src/session/session-keeper.ts';
import { identityFor, json, ScriptedServer } from './support/scripted-server.ts';
import { TestAuthority } from './support/test-authority.ts';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** A keeper with what it heard and told. */
async function keeperFor(authority: TestAuthority, joinedAt: readonly ScriptedServer[], world: World = realWorld) {
  const heard: ServerWord[] = [];
  const welcomes: string[] = [];
  const reports = new ReportQueue(() => keeper.flush());
  const identity = identityFor(authority, 'n1', 'c1', joinedAt);
  const files = { loadServers: async () => undefined, saveServers: async () => undefined };
  const servers = await ServerBook.open(files, identity.servers, silentLog);
  let unreachable = 0;
  const keeper: SessionKeeper = new SessionKeeper({
    identity: () => identity,
    servers,
    hello: () => ({ nodeName: 'n1', processId: 'p', protocolVersion: 1, agentVersion: 'v', node: json({}) }),
    world,
    log: silentLog,
    reports,
    onWelcome: ({ serverName }) => welcomes.push(serverName),
    onMessage: (word) => heard.push(word),
    onUnreachable: () => {
      unreachable += 1;
    },
  });
  return { keeper, heard, welcomes, reports, servers, unreachable: () => unreachable };
}

function status(uid: string, phase: string, gone = false) {
  return { namespace: 'default', name: uid, uid, status: json({ phase }), gone };
}

test('a session greets, beats, and tells what happens', async () => {
  const authority = new TestAuthority();
  await using server = await ScriptedServer.open(authority);
  const { keeper, reports } = await keeperFor(authority, [server]);
  await using _keeper = keeper;
  await server.until('heartbeats come', () => server.heartbeats >= 3);
  expect(server.hellos).toHaveLength(1);
  expect(server.hellos[0]).toMatchObject({ nodeName: 'n1', processId: 'p', protocolVersion: 1 });
  reports.podStatus(status('a', 'Running'));
  reports.networkApplied(7);
  await server.until('both have come', () => server.statusOf('a')?.phase === 'Running' && server.networkApplied === 7);
});

test('when its server dies the agent goes to another one without a pause, and tells everything again', async () => {
  const authority = new TestAuthority();
  await using first = await ScriptedServer.open(authority, 's1');
  await using second = await ScriptedServer.open(authority, 's2');
  for (const server of [first, second]) server.cluster = [first, second];
  const pauses: number[] = [];
  const sleep: World['timers']['sleep'] = (delayMs, signal) => {
    pauses.push(delayMs);
    return realWorld.timers.sleep(delayMs, signal);
  };
  const world: World = { ...realWorld, timers: { ...realWorld.timers, sleep } };
  const { keeper, reports } = await keeperFor(authority, [first, second], world);
  await using _keeper = keeper;
  reports.podStatus(status('a', 'Running'));
  const both = [first, second];
  const told = await Promise.race(
    both.map((server) => server.until('the status has come', () => server.seen.has('a') && server)),
  );
  const other = told === first ? second : first;
  await told[Symbol.asyncDispose]();
  await other.until('the other one has the status', () => other.seen.has('a'));
  expect(pauses).toEqual([]);
});

test('a server that falls silent is given up', async () => {
  const authority = new TestAuthority();
  await using first = await ScriptedServer.open(authority, 's1');
  await using second = await ScriptedServer.open(authority, 's2');
  for (const server of [first, second]) server.cluster = [first, second];
  const { keeper, welcomes } = await keeperFor(authority, [first, second]);
  await using _keeper = keeper;
  const both = [first, second];
  const server = await Promise.race(
    both.map((each) => each.until('it has a session', () => each.sessions.length > 0 && each)),
  );
  server.mute = true;
  const other = server === first ? second : first;
  await other.until('the agent has come over', () => other.heartbeats > 0);
  expect(welcomes).toEqual([server.name, other.name]);
});

test('a machine that takes connections and says nothing is passed over before the next one loses patience', async () => {
  const authority = new TestAuthority();
  await using server = await ScriptedServer.open(authority, 's1');
  const silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const open = new Set<Socket>();
  silent.on('connection', (socket) => open.add(socket));
  const { port } = silent.address() as AddressInfo;
  const silentServer = { name: 's0', address: `127.0.0.1:${port}` } as ScriptedServer;
  // Were it waited for a welcome, it would be waited for for ever.
  const after: World['timers']['after'] = (delayMs, run) =>
    delayMs === 3000 ? { [Symbol.dispose]: () => undefined } : realWorld.timers.after(delayMs, run);
  const world: World = {
    ...realWorld,
    random: { ...realWorld.random, integer: () => 0 },
    timers: { ...realWorld.timers, after },
  };
  const { keeper } = await keeperFor(authority, [silentServer, server], world);
  await using _keeper = keeper;
  await server.until('it has a session', () => server.sessions.length > 0);
  expect(open.size).toBeGreaterThan(0);
  for (const socket of open) socket.destroy();
  silent.close();
});

test('after a goodbye the old session ends only when the new one stands', async () => {
  const authority = new TestAuthority();
  await using first = await ScriptedServer.open(authority, 's1');
  await using second = await ScriptedServer.open(authority, 's2');
  for (const server of [first, second]) server.cluster = [first, second];
  const { keeper, heard } = await keeperFor(authority, [first, second]);
  await using _keeper = keeper;
  const both = [first, second];
  const server = await Promise.race(
    both.map((each) => each.until('it has a session', () => each.sessions.length > 0 && each)),
  );
  const other = server === first ? second : first;
  server.send({ $case: 'goodbye', value: { reason: 'upgrade' } });
  await other.until('the agent has come over', () => other.sessions.length > 0);
  await server.until('the old one has ended', () => server.sessions.length === 0);
  other.synced();
  await other.until('it listens to the new one', () => heard.some(({ $case }) => $case === 'synced'));
});

test('a server with a certificate of another kind is refused', async () => {
  const authority = new TestAuthority();
  await using impostor = await ScriptedServer.open(authority, 's1', authority.issue('system:nodes', 'system:node:n2'));
  await using stranger = await ScriptedServer.open(new TestAuthority(), 's2');
  await using server = await ScriptedServer.open(authority, 's3');
  server.cluster = [impostor, stranger, server];
  const inOrder: World = { ...realWorld, random: { ...realWorld.random, integer: () => 0 } };
  const { keeper } = await keeperFor(authority, [impostor, stranger, server], inOrder);
  await using _keeper = keeper;
  await server.until('only the true one has a session', () => server.sessions.length > 0);
  expect([...impostor.hellos, ...stranger.hellos]).toEqual([]);
});

test('a server that joins while a session runs is the next one when the first dies', async () => {
  const authority = new TestAuthority();
  await using first = await ScriptedServer.open(authority, 's1');
  const { keeper, servers, unreachable } = await keeperFor(authority, [first]);
  await using _keeper = keeper;
  await first.until('it has a session', () => first.heartbeats > 0);
  await using second = await ScriptedServer.open(authority, 's2');
  second.cluster = [first, second];
  first.tellServers([first, second]);
  const { heartbeats } = first;
  await first.until('the agent has read it', () => first.heartbeats > heartbeats && servers.list.current.length === 2);
  await first[Symbol.asyncDispose]();
  await second.until('the agent has come over', () => second.sessions.length > 0);
  expect(unreachable()).toBe(0);
});

test('what is said behind the welcome in the same breath is heard', async () => {
  const authority = new TestAuthority();
  await using server = await ScriptedServer.open(authority);
  server.opening = Array.from({ length: 50 }, (_, index) => ({ $case: 'podGone', value: { uid: String(index) } }));
  const { keeper, heard } = await keeperFor(authority, [server]);
  await using _keeper = keeper;
  await server.until('it beats', () => server.heartbeats > 1);
  expect(heard).toHaveLength(50);
});

test('of each pod only the latest status waits, and a new session hears all of them again', () => {
  const queue = new ReportQueue(() => undefined);
  queue.podStatus(status('a', 'Pending'));
  queue.podStatus(status('b', 'Pending'));
  queue.podStatus(status('a', 'Running'));
  const told = () => {
    const words: string[] = [];
    for (let word = queue.next(); word !== undefined; word = queue.next()) {
      words.push(word.$case === 'podStatus' ? `${word.value.uid} ${word.value.status}` : word.$case);
    }
    return words;
  };
  expect(told()).toEqual(['a {"phase":"Running"}', 'b {"phase":"Pending"}']);
  expect(told()).toEqual([]);
  queue.repeatPod('a');
  queue.repeatPod('unknown');
  expect(told()).toEqual(['a {"phase":"Running"}']);
  queue.forgetPod('b');
  queue.networkApplied(3);
  expect(told()).toEqual(['networkApplied']);
  queue.restart();
  expect(told()).toEqual(['a {"phase":"Running"}', 'networkApplied']);
  queue.retainOnly(new Set());
  queue.restart();
  expect(told()).toEqual(['networkApplied']);
});

test('events are dropped, the oldest first, rather than kept without bound', () => {
  const queue = new ReportQueue(() => undefined);
  for (let index = 0; index < 600; index += 1) {
    queue.event({
      namespace: '',
      podName: '',
      podUid: '',
      fieldPath: '',
      type: 'Normal',
      reason: String(index),
      message: '',
    });
  }
  expect(queue.depth).toBe(500);
  expect(queue.droppedEvents).toBe(100);
  expect(queue.next()).toMatchObject({ value: { reason: '100' } });
});
