import { type AddressInfo, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Pod } from '@berth/api';
import type { agentV1 } from '@berth/wire';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineNode, machine, untilTerminated } from '../support/engine-node.ts';
import { ask, runInNetwork, whoPath, whoServer } from '../support/pod-program.ts';

const timeout = 60_000;
let node: EngineNode;
let server: Pod;
let second: Pod;
let client: Pod;
let version = 1;

beforeAll(async () => {
  node = await EngineNode.open();
  node.server.synced();
  const probe = { readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 } };
  [server, second, client] = await Promise.all([
    node.run(node.pod('server', { command: whoServer, ...probe })),
    node.run(node.pod('second', { command: whoServer, ...probe })),
    node.run(node.pod('client', { command: untilTerminated() })),
  ]);
}, timeout);
afterAll(() => node[Symbol.asyncDispose](), timeout);

function ipOf(pod: Pod): string {
  return node.server.statusOf(pod.metadata.name ?? '')?.podIP ?? '';
}

function endpoint(pod: Pod, port = 8080, more: Partial<agentV1.Endpoint> = {}): agentV1.Endpoint {
  const { name = '' } = pod.metadata;
  return {
    ip: ipOf(pod),
    port,
    ready: true,
    serving: true,
    terminating: false,
    nodeName: node.name,
    hostname: name,
    zone: '',
    ...more,
  };
}

function service(change: Partial<agentV1.ServiceEntry>, port: Partial<agentV1.ServicePort> = {}): agentV1.ServiceEntry {
  return {
    namespace: 'default',
    name: 'web',
    clusterIp: node.block.serviceIp(10),
    ports: [{ name: 'http', protocol: 'TCP', port: 80, nodePort: 0, endpoints: [], ...port }],
    affinitySeconds: 0,
    externalName: '',
    publishNotReadyAddresses: false,
    externalIps: [],
    externalTrafficPolicy: 'Cluster',
    internalTrafficPolicy: 'Cluster',
    ...change,
  };
}

/** Sends a table and waits until the kernel has it. */
async function route(...services: agentV1.ServiceEntry[]): Promise<void> {
  version += 1;
  const routes = [{ nodeName: node.name, nodeIp: '127.0.0.1', podCidr: node.podCidr }];
  node.server.send({ $case: 'network', value: { version, services, routes } });
  await node.server.until('the kernel has the table', () => node.server.networkApplied >= version);
}

const uid = (pod: Pod) => pod.metadata.uid;

test('pods reach each other and see each other’s own address; the machine reaches them too', { timeout }, async () => {
  const url = `http://${ipOf(server)}:8080${whoPath}`;
  expect(await runInNetwork(uid(client), ask(url))).toBe(`server ${ipOf(client)}`);
  expect(await runInNetwork(undefined, ask(url))).toMatch(/^server 10\.251\.\d+\.1$/);
});

test('a service spreads over its endpoints and keeps the client’s address', { timeout }, async () => {
  await route(service({}, { endpoints: [endpoint(server), endpoint(second)] }));
  const answers = (await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}${whoPath}`, 40))).split(
    '\n',
  );
  expect(new Set(answers)).toEqual(new Set([`server ${ipOf(client)}`, `second ${ipOf(client)}`]));
});

test('a program of the machine reaches a service as well', { timeout }, async () => {
  await route(service({}, { endpoints: [endpoint(server)] }));
  expect(await runInNetwork(undefined, ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toMatch(/^server /);
});

test('a pod reaches itself through its service', { timeout }, async () => {
  await route(service({}, { endpoints: [endpoint(server)] }));
  expect(await runInNetwork(uid(server), ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toMatch(
    /^server 10\.251\.\d+\.1$/,
  );
});

test('a node port answers on every address of the machine, loopback included, and for pods', { timeout }, async () => {
  await route(service({}, { nodePort: node.block.port(0), endpoints: [endpoint(server)] }));
  const bridge = ipOf(server).replace(/\d+$/, '1');
  const outer = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  for (const address of ['127.0.0.1', bridge, outer?.address ?? bridge]) {
    expect(await runInNetwork(undefined, ask(`http://${address}:${node.block.port(0)}${whoPath}`)), address).toMatch(
      /^server /,
    );
  }
  expect(await runInNetwork(uid(client), ask(`http://${bridge}:${node.block.port(0)}${whoPath}`))).toBe(
    `server ${ipOf(client)}`,
  );
});

test('even a hostile pod cannot reach what listens on the machine’s loopback address', { timeout }, async () => {
  const hostile = await node.run(node.pod('hostile', { command: untilTerminated() }));
  const listener = createServer((socket) => socket.end('secret'));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  // It gives up its own loopback address and sends what is for it to the machine.
  const attack = `
    import { execSync } from 'node:child_process';
    import { connect } from 'node:net';
    execSync('echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet; ip addr del 127.0.0.1/8 dev lo; ip route add 127.0.0.1/32 via ${ipOf(hostile).replace(/\d+$/, '1')} dev eth0');
    const socket = connect({ host: '127.0.0.1', port: ${port}, timeout: 1000 });
    const say = (text) => { console.log(text); process.exit(); };
    socket.on('data', (text) => say(String(text))).on('timeout', () => say('nothing')).on('error', () => say('nothing'));`;
  expect(await runInNetwork(uid(hostile), attack)).toBe('nothing');
  listener.close();
  await node.delete(hostile);
});

test('without endpoints a service refuses at once, for pods and for the machine; so does a port it does not have', {
  timeout,
}, async () => {
  await route(service({}));
  expect(await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toBe('ECONNREFUSED');
  expect(await runInNetwork(undefined, ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toBe('ECONNREFUSED');
  expect(await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}:81${whoPath}`))).toBe('ECONNREFUSED');
});

test('an endpoint that ends is left out as long as another one is ready, and serves when none is', {
  timeout,
}, async () => {
  const ending = { ready: false, serving: true, terminating: true };
  await route(service({}, { endpoints: [endpoint(server, 8080, ending), endpoint(second)] }));
  const answers = await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}${whoPath}`, 10));
  expect(new Set(answers.split('\n'))).toEqual(new Set([`second ${ipOf(client)}`]));
  await route(service({}, { endpoints: [endpoint(server, 8080, ending)] }));
  expect(await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toBe(
    `server ${ipOf(client)}`,
  );
});

test('with ClientIP affinity a client stays where it is, also when the service changes', { timeout }, async () => {
  await route(service({ affinitySeconds: 600 }, { endpoints: [endpoint(server), endpoint(second)] }));
  const first = new Set(
    (await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}${whoPath}`, 10))).split('\n'),
  );
  expect(first.size).toBe(1);
  await route(
    service({ affinitySeconds: 600 }, { endpoints: [endpoint(server), endpoint(second), endpoint(second, 8081)] }),
  );
  const after = new Set(
    (await runInNetwork(uid(client), ask(`http://${node.block.serviceIp(10)}${whoPath}`, 5))).split('\n'),
  );
  expect(after).toEqual(first);
});

test('an external address and a local-only policy are honoured', { timeout }, async () => {
  await route(
    service(
      { externalIps: [node.block.externalIp(0)], internalTrafficPolicy: 'Local', externalTrafficPolicy: 'Local' },
      { nodePort: node.block.port(1), endpoints: [endpoint(server)] },
    ),
  );
  for (const url of [`http://${node.block.serviceIp(10)}`, `http://${node.block.externalIp(0)}`]) {
    expect(await runInNetwork(uid(client), ask(`${url}${whoPath}`)), url).toBe(`server ${ipOf(client)}`);
  }
  expect(await runInNetwork(undefined, ask(`http://127.0.0.1:${node.block.port(1)}${whoPath}`))).toMatch(/^server /);
});

test('UDP reaches an endpoint and follows it when it moves, although the client goes on talking', {
  timeout,
}, async () => {
  const echo = (name: string) => `
    import { createSocket } from 'node:dgram';
    const socket = createSocket('udp4');
    socket.on('message', (message, from) => {
      socket.send('${name}', from.port, from.address);
      if (String(message) === 'end') setTimeout(() => process.exit(), 50);
    });
    socket.bind(9000);`;
  const echoes = [runInNetwork(uid(server), echo('server')), runInNetwork(uid(second), echo('second'))];
  const udp = (pod: Pod) =>
    service(
      { name: 'udp', clusterIp: node.block.serviceIp(11) },
      { protocol: 'UDP', port: 53, endpoints: [endpoint(pod, 9000)] },
    );
  await route(udp(server));
  // One socket, so one flow for the kernel.
  const talk = runInNetwork(
    uid(client),
    `import { createSocket } from 'node:dgram';
     const socket = createSocket('udp4');
     socket.bind(45454);
     const heard = [];
     socket.on('message', (message) => {
       const name = String(message);
       if (heard.at(-1) !== name) { heard.push(name); console.log(name); }
       if (name === 'second') process.exit();
     });
     setInterval(() => socket.send('x', 53, '${node.block.serviceIp(11)}'), 20);`,
  );
  await untilAsked(server, 9000);
  await route(udp(second));
  expect((await talk).split('\n')).toEqual(['server', 'second']);
  for (const pod of [server, second])
    await runInNetwork(
      undefined,
      `
    import { createSocket } from 'node:dgram';
    createSocket('udp4').send('end', 9000, '${ipOf(pod)}', () => process.exit());`,
    );
  await Promise.all(echoes);
});

/** Waits until the kernel has seen a flow to a pod. */
async function untilAsked(pod: Pod, port: number): Promise<void> {
  const isSeen = () =>
    machine('conntrack', '-L', '-p', 'udp', '--reply-src', ipOf(pod), '--reply-port-src', String(port)).includes(
      node.block.serviceIp(11),
    );
  for (let tries = 0; !isSeen(); tries += 1) {
    if (tries > 200) throw new Error('no flow was seen');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('names: services, ports, pods behind headless services, aliases, and what does not exist', {
  timeout,
}, async () => {
  await route(
    service({}, { endpoints: [endpoint(server)] }),
    service({ name: 'bare', clusterIp: '' }, { endpoints: [endpoint(server), endpoint(second)] }),
    service({ name: 'alias', clusterIp: '', externalName: 'web.default.svc.cluster.local', ports: [] }),
  );
  const lookUp = `
    import { Resolver } from 'node:dns/promises';
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers(['${ipOf(client).replace(/\d+$/, '1')}']);
    const show = (look) => look.then((found) => console.log(JSON.stringify(found)), (error) => console.log(error.code));
    const zone = 'default.svc.cluster.local';
    await show(resolver.resolve4('web.' + zone));
    await show(resolver.resolve4('bare.' + zone).then((found) => found.sort()));
    await show(resolver.resolve4('second.bare.' + zone));
    await show(resolver.resolveSrv('_http._tcp.web.' + zone).then(([{ name, port }]) => [name, port]));
    await show(resolver.resolve4('alias.' + zone));
    await show(resolver.resolve4('nobody.' + zone));
    await show(resolver.resolve6('web.' + zone));
    await show(resolver.reverse('${node.block.serviceIp(10)}'));`;
  expect((await runInNetwork(uid(client), lookUp)).split('\n')).toEqual([
    `["${node.block.serviceIp(10)}"]`,
    JSON.stringify([ipOf(server), ipOf(second)].sort()),
    JSON.stringify([ipOf(second)]),
    '["web.default.svc.cluster.local",80]',
    `["${node.block.serviceIp(10)}"]`,
    'ENOTFOUND',
    'ENODATA',
    '["web.default.svc.cluster.local"]',
  ]);
  expect(await node.exec('client', ['nslookup', 'web.default.svc.cluster.local'])).toContain(node.block.serviceIp(10));
});

test('a host port leads to its pod and is closed with it', { timeout }, async () => {
  const ports = [{ containerPort: 8080, hostPort: node.block.port(2) }];
  const pod = await node.run(
    node.pod('hostport', {
      command: whoServer,
      ports,
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    }),
  );
  expect(await runInNetwork(undefined, ask(`http://127.0.0.1:${node.block.port(2)}${whoPath}`))).toMatch(/^hostport /);
  expect(
    await runInNetwork(uid(client), ask(`http://${ipOf(client).replace(/\d+$/, '1')}:${node.block.port(2)}${whoPath}`)),
  ).toBe(`hostport ${ipOf(client)}`);
  await node.delete(pod);
  expect(await runInNetwork(undefined, ask(`http://127.0.0.1:${node.block.port(2)}${whoPath}`))).toBe('ECONNREFUSED');
});

test('agents that share a machine keep one table: another takes over when its owner goes', { timeout }, async () => {
  await using other = await EngineNode.open({}, { node });
  const table = (at: number, services: agentV1.ServiceEntry[]): agentV1.NetworkTable => ({
    version: at,
    services,
    routes: [node, other].map(({ name, podCidr }) => ({ nodeName: name, nodeIp: '127.0.0.1', podCidr })),
  });
  version += 1;
  const everywhere = service({}, { endpoints: [endpoint(server)] });
  for (const each of [node, other]) each.server.send({ $case: 'network', value: table(version, [everywhere]) });
  await other.server.until('the follower reports the table', () => other.server.networkApplied === version);
  other.server.synced();
  const guest = await other.run(other.pod('guest', { command: untilTerminated() }));
  expect(await runInNetwork(uid(guest), ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toMatch(/^server /);
  await node.stop();
  version += 1;
  const moved = service({ clusterIp: node.block.serviceIp(12) }, { endpoints: [endpoint(server)] });
  other.server.send({ $case: 'network', value: table(version, [moved]) });
  await other.server.until('it has taken over', () => other.server.networkApplied === version);
  expect(await runInNetwork(uid(guest), ask(`http://${node.block.serviceIp(12)}${whoPath}`))).toMatch(/^server /);
  expect(await runInNetwork(uid(guest), ask(`http://${node.block.serviceIp(10)}${whoPath}`))).toBe('ECONNREFUSED');
});
