import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import type { Container, Probe } from '@berth/api';
import { realWorld } from '@berth/world';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { expect, test, vi } from 'vitest';
import { FakeEngine } from '../src/engine/fake-engine.ts';
import { ContainerProber, type ProbeReport } from '../src/probe/container-prober.ts';
import { type CheckTarget, type HealthVerdict, MachineHealthChecker } from '../src/probe/health-check.ts';
import { portNumber, probesOf } from '../src/probe/probe-settings.ts';
import { aPod } from './support/fake-node.ts';
import { FakeWorld } from './support/fake-world.ts';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const second = 1000;
const target: CheckTarget = { pod: aPod(), container: 'web', containerId: 'id', address: '127.0.0.1' };
const any: Probe = { tcpSocket: { port: 1 } };

/** A prober whose checks answer what the test says. */
function proberOf(container: Partial<Container>, known: { startup?: boolean; readiness?: boolean } = {}) {
  const world = new FakeWorld();
  const reports: ProbeReport[] = [];
  const checks: number[] = [];
  let healthy: boolean | Promise<HealthVerdict> = true;
  const beganMs = world.clock.wallMs();
  const prober = new ContainerProber({
    target,
    probes: probesOf({ name: 'web', ...container }),
    startedAtMs: beganMs,
    known: { startup: known.startup, readiness: known.readiness },
    world,
    checker: {
      check: async () => {
        checks.push((world.clock.wallMs() - beganMs) / second);
        if (typeof healthy !== 'boolean') return healthy;
        return healthy ? { ok: true } : { ok: false, message: 'no' };
      },
    },
    onReport: (report) => reports.push(report),
    onFailure: () => undefined,
    onOutcome: () => undefined,
  });
  const set = (value: typeof healthy) => {
    healthy = value;
  };
  return { world, reports, checks, prober, set };
}

test('a probe waits for its initial delay, then asks every period', async () => {
  const { world, checks, prober } = proberOf({ readinessProbe: { ...any, initialDelaySeconds: 5, periodSeconds: 3 } });
  await world.advance(15 * second);
  expect(checks).toEqual([5, 8, 11, 14]);
  prober[Symbol.dispose]();
  await world.advance(60 * second);
  expect(checks).toHaveLength(4);
});

test('readiness needs its thresholds in a row', async () => {
  const { world, reports, set } = proberOf({
    readinessProbe: { ...any, periodSeconds: 1, successThreshold: 2, failureThreshold: 3 },
  });
  await world.advance(0);
  expect(reports).toEqual([]);
  await world.advance(1 * second);
  expect(reports).toEqual([{ readiness: true }]);
  set(false);
  await world.advance(2 * second);
  set(true);
  await world.advance(1 * second);
  set(false);
  await world.advance(3 * second);
  expect(reports.filter(({ readiness }) => readiness === false)).toHaveLength(1);
});

test('liveness and readiness wait until the startup probe has succeeded', async () => {
  const { world, reports, set } = proberOf({
    startupProbe: { ...any, periodSeconds: 10, failureThreshold: 30 },
    livenessProbe: { ...any, periodSeconds: 1, failureThreshold: 1 },
    readinessProbe: { ...any, periodSeconds: 1 },
  });
  set(false);
  await world.advance(25 * second);
  expect(reports).toEqual([]);
  set(true);
  await world.advance(6 * second);
  expect(reports[0]).toEqual({ startup: true });
  expect(reports).toContainEqual({ readiness: true });
});

test('what was known of a run is not asked again', async () => {
  const { world, reports } = proberOf({ startupProbe: any, readinessProbe: any }, { startup: true, readiness: true });
  await world.advance(1);
  expect(reports).toEqual([{ readiness: true }]);
});

test.each(['startup', 'liveness'] as const)(
  'a %s probe that fails too often asks for a restart, once',
  async (kind) => {
    const { world, reports, set } = proberOf({ [`${kind}Probe`]: { ...any, periodSeconds: 1, failureThreshold: 3 } });
    set(false);
    await world.advance(1 * second);
    expect(reports).toEqual([]);
    await world.advance(60 * second);
    expect(reports).toEqual([{ unhealthy: `Container web failed ${kind} probe, will be restarted` }]);
  },
);

test('while the pod ends nothing is restarted, but readiness may go', async () => {
  const { world, reports, prober, set } = proberOf({
    livenessProbe: { ...any, periodSeconds: 1 },
    readinessProbe: { ...any, periodSeconds: 1, failureThreshold: 1 },
  });
  await world.advance(0);
  set(false);
  prober.terminate();
  await world.advance(60 * second);
  expect(new Set(reports.map((report) => JSON.stringify(report)))).toEqual(
    new Set(['{"readiness":true}', '{"readiness":false}']),
  );
});

test('a check that fails after the end of the pod has begun restarts nothing', async () => {
  const { world, reports, prober, set } = proberOf({ livenessProbe: { ...any, failureThreshold: 1 } });
  const slow = Promise.withResolvers<HealthVerdict>();
  set(slow.promise);
  await world.advance(0);
  prober.terminate();
  slow.resolve({ ok: false, message: 'no' });
  await world.advance(60 * second);
  expect(reports).toEqual([]);
});

test('a slow check is never made twice at once', async () => {
  const { world, checks, set } = proberOf({ livenessProbe: { ...any, periodSeconds: 1 } });
  const slow = Promise.withResolvers<HealthVerdict>();
  set(slow.promise);
  await world.advance(10 * second);
  expect(checks).toHaveLength(1);
  slow.resolve({ ok: true });
  await world.advance(1);
  expect(checks).toHaveLength(2);
});

test('a port may be named', () => {
  const pod = aPod({ containers: [{ name: 'web', ports: [{ name: 'http', containerPort: 8080 }] }] });
  expect([
    portNumber(pod, 'web', 'http'),
    portNumber(pod, 'web', 80),
    portNumber(pod, 'web', '81'),
    portNumber(pod, 'web', 'ftp'),
  ]).toEqual([8080, 80, 81, undefined]);
});

const checker = new MachineHealthChecker(new FakeEngine({ world: new FakeWorld() }), realWorld);

test('HTTP: 200 to 399 is good, anything else is not; redirects are followed on the same host', async () => {
  const seen: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(`${request.url} ${request.headers['x-probe']}`);
    const [, code = '200', rest = ''] = request.url?.split('/') ?? [];
    response.writeHead(Number(code), rest === '' ? {} : { location: `/${rest}` }).end('body');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const check = (path: string) =>
    checker.check({ httpGet: { path, port, httpHeaders: [{ name: 'X-Probe', value: 'me' }] } }, target, 2000);
  expect(await check('/200')).toEqual({ ok: true });
  expect(await check('/302/200')).toEqual({ ok: true });
  expect(await check('/302/500')).toEqual({ ok: false, message: 'HTTP probe failed with statuscode: 500' });
  expect(await check('404')).toEqual({ ok: false, message: 'HTTP probe failed with statuscode: 404' });
  expect(seen[0]).toBe('/200 me');
  server.closeAllConnections();
  server.close();
  expect(await check('/200')).toMatchObject({ ok: false, message: expect.stringContaining('ECONNREFUSED') });
});

test('HTTP and TCP give up after their time', async () => {
  const server = createServer(() => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await checker.check({ httpGet: { port } }, target, 50)).toMatchObject({
    ok: false,
    message: expect.stringContaining('context deadline exceeded'),
  });
  expect(await checker.check({ tcpSocket: { port } }, target, 1000)).toEqual({ ok: true });
  server.close();
  expect(await checker.check({ tcpSocket: { port } }, target, 1000)).toMatchObject({ ok: false });
});

test('gRPC asks the health service', async () => {
  const server = new Server();
  const identity = (bytes: Buffer) => bytes;
  const check = {
    path: '/grpc.health.v1.Health/Check',
    requestStream: false,
    responseStream: false,
    requestSerialize: identity,
    requestDeserialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
  };
  server.addService(
    { check },
    {
      check: (call: { request: Buffer }, done: (error: null, answer: Buffer) => void) =>
        done(null, Buffer.from([0x08, call.request.toString().includes('sick') ? 2 : 1])),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  expect(await checker.check({ grpc: { port } }, target, 2000)).toEqual({ ok: true });
  expect(await checker.check({ grpc: { port, service: 'sick' } }, target, 2000)).toEqual({
    ok: false,
    message: 'service unhealthy (responded with status 2)',
  });
  server.forceShutdown();
});
