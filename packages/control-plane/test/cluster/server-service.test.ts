import { serverV1 } from '@berth/wire';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type GatewayBench, openGatewayBench } from '../gateway/gateway-bench.ts';

let bench: GatewayBench;
beforeEach(async () => {
  bench = await openGatewayBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

async function clientOfNode(): Promise<serverV1.ServerServiceClient> {
  const { caCertificate, certificate, privateKey } = await bench.identity('n1');
  const [ca, key, cert] = [caCertificate, privateKey, certificate].map((pem) => Buffer.from(pem));
  return new serverV1.ServerServiceClient(
    bench.address,
    credentials.createSsl(ca, key, cert, { checkServerIdentity: () => undefined }),
    { 'grpc.ssl_target_name_override': 'kubernetes.default.svc' },
  );
}

test('what servers ask of each other is refused to nodes', async () => {
  const client = await clientOfNode();
  const located = new Promise<ServiceError | null>((resolve) =>
    client.locateNode({ nodeName: 'n2' }, (error) => resolve(error)),
  );
  expect((await located)?.code).toBe(status.PERMISSION_DENIED);
  for (const call of [client.reportSessions(), client.relayTunnel()]) {
    call.on('data', () => undefined);
    const ended = new Promise<ServiceError>((resolve) => call.once('error', resolve));
    expect((await ended).code).toBe(status.PERMISSION_DENIED);
  }
  client.close();
});

test('a server that does not lead takes no reports', async () => {
  bench.store.elect({ leaderless: 'election' });
  const call = bench.clients.to(bench.address).reportSessions();
  call.on('data', () => undefined);
  const ended = new Promise<ServiceError>((resolve) => call.once('error', resolve));
  expect((await ended).code).toBe(status.FAILED_PRECONDITION);
});

test('a report that falls silent is as good as a lost server', async () => {
  const call = bench.clients.to(bench.address).reportSessions();
  call.on('data', () => undefined);
  const ended = new Promise<ServiceError>((resolve) => call.once('error', resolve));
  const sessions = [{ nodeName: 'n7', processId: 'p', connected: true, silentMs: 0 }];
  const known = new Promise<void>((resolve) => bench.directory.onChange(() => resolve()));
  call.write({ serverName: 's1', whole: true, sessions });
  await known;
  expect(bench.directory.get('n7')?.connected).toBe(true);
  expect((await ended).code).toBe(status.ABORTED);
  expect(bench.directory.get('n7')?.connected).toBe(false);
});

test('a server knows which sessions it has', async () => {
  const agent = await bench.agent('n1');
  agent.hello();
  await agent.next('synced');
  const client = bench.clients.to(bench.address);
  const found = (nodeName: string): Promise<boolean | undefined> =>
    new Promise((resolve) => client.locateNode({ nodeName }, (_error, response) => resolve(response?.found)));
  expect(await found('n1')).toBe(true);
  expect(await found('n2')).toBe(false);
});
