import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { realWorld } from '@berth/world';
import { afterEach, expect, test } from 'vitest';
import { openFrontDoor } from '../src/dev/front-door.ts';
import { freePorts, serverTls } from './cluster-fixture.ts';

const tls = await serverTls();

interface Backend extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  ready: boolean;
  /** How often it was asked whether it is ready. */
  questions: number;
}

/** A server that says on `/readyz` what the test wants, and its name elsewhere. */
async function openBackend(name: string, port = 0): Promise<Backend> {
  const sockets = new Set<Duplex>();
  const server: TlsServer = createTlsServer({ cert: tls.cert, key: tls.key }, (request, response) => {
    if (request.url !== '/readyz') return void response.end(name);
    backend.questions++;
    response.writeHead(backend.ready ? 200 : 500).end();
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const opened = (server.address() as AddressInfo).port;
  const backend: Backend = {
    name,
    port: opened,
    address: `127.0.0.1:${opened}`,
    ready: true,
    questions: 0,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
  opening.use(backend);
  return backend;
}

let opening = new AsyncDisposableStack();
afterEach(async () => {
  await opening.disposeAsync();
  opening = new AsyncDisposableStack();
});

async function openDoor(servers: readonly string[]): Promise<number> {
  const options = { port: 0, servers, ca: tls.ca, world: realWorld, probeIntervalMs: 10 };
  return opening.use(await openFrontDoor(options)).port;
}

/** The name of the server that answers behind the door; undefined when the door shuts the connection. */
async function ask(port: number): Promise<string | undefined> {
  const { request } = await import('node:https');
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const question = request({ host: '127.0.0.1', port, path: '/', agent: false, ca: tls.ca }, (response) => {
    response.setEncoding('utf8').on('data', resolve);
  });
  question.on('error', () => resolve(undefined));
  question.end();
  return promise;
}

/** Until a server was asked so many times more whether it is ready. */
async function asked(backend: Backend, times: number): Promise<void> {
  const enough = backend.questions + times;
  while (backend.questions < enough) await realWorld.timers.sleep(5);
}

async function until(port: number, wanted: string | undefined): Promise<void> {
  while ((await ask(port)) !== wanted) await realWorld.timers.sleep(5);
}

test('a connection goes to the first server that is ready, and to another while it is not', async () => {
  const [one, two] = [await openBackend('one'), await openBackend('two')];
  const port = await openDoor([one.address, two.address]);
  await until(port, 'one');
  one.ready = false;
  await until(port, 'two');
  one.ready = true;
  await until(port, 'one');
});

test('when none is ready, the first that accepts may tell why', async () => {
  const [gone] = await freePorts(1);
  const unready = await openBackend('unready');
  unready.ready = false;
  const port = await openDoor([`127.0.0.1:${gone}`, unready.address]);
  expect(await ask(port)).toBe('unready');
});

test('a server that dies while connections are opened costs none of them', async () => {
  const [one, two] = [await openBackend('one'), await openBackend('two')];
  const port = await openDoor([one.address, two.address]);
  await until(port, 'one');
  const asking = Array.from({ length: 20 }, async (_, index) => {
    if (index === 5) await one[Symbol.asyncDispose]();
    return ask(port);
  });
  const answers = await Promise.all(asking);
  expect(new Set(answers.slice(6))).toEqual(new Set(['two']));
});

test('with no server at all the door shuts the connection', async () => {
  const [gone] = await freePorts(1);
  expect(await ask(await openDoor([`127.0.0.1:${gone}`]))).toBeUndefined();
});

test('clients of a server that is lost are sent away once another is ready; they are not while none is', async () => {
  const [one, two] = [await openBackend('one'), await openBackend('two')];
  two.ready = false;
  const port = await openDoor([one.address, two.address]);
  await until(port, 'one');
  const client = connect({ host: '127.0.0.1', port });
  const closed = new Promise<string>((resolve) => client.once('close', () => resolve('closed')));
  client.on('error', () => undefined);
  await new Promise((connected) => client.once('connect', connected));
  one.ready = false;
  expect(await Promise.race([closed, asked(one, 5).then(() => 'open')])).toBe('open');
  two.ready = true;
  expect(await closed).toBe('closed');
});

test('a door that is closed leaves nothing open', async () => {
  const backend = await openBackend('one');
  const options = { port: 0, servers: [backend.address], ca: tls.ca, world: realWorld, probeIntervalMs: 10 };
  const door = await openFrontDoor(options);
  await until(door.port, 'one');
  const client = connect({ host: '127.0.0.1', port: door.port });
  client.on('error', () => undefined);
  const closed = new Promise((resolve) => client.once('close', resolve));
  await new Promise((connected) => client.once('connect', connected));
  await door[Symbol.asyncDispose]();
  await closed;
  expect(await ask(door.port)).toBeUndefined();
});
