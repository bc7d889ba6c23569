import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { realWorld } from '@berth/world';
import { type Answer, decode, encode, type RecordType } from 'dns-packet';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { ClusterZone } from '../src/dns/cluster-zone.ts';
import { dnsAnswer } from '../src/dns/dns-answer.ts';
import type { DnsForwarder } from '../src/dns/dns-forwarder.ts';
import { framed, readFramed } from '../src/dns/dns-framing.ts';
import { DnsResponder } from '../src/dns/dns-responder.ts';
import { DnsServer } from '../src/dns/dns-server.ts';
import { silentLog } from '../src/logging/log.ts';
import { endpoint, port, service } from './support/network-table.ts';

// Processes and sockets take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const headless = { name: 'db', clusterIp: '' };
const many = Array.from({ length: 60 }, (_, index) => endpoint(`10.244.2.${index + 1}`));
const services = [
  service([port([endpoint('10.244.1.2')]), port([], { name: 'dns', protocol: 'UDP', port: 53 })]),
  service(
    [
      port(
        [
          endpoint('10.244.1.3', { hostname: 'db-0' }),
          endpoint('10.244.1.4'),
          endpoint('10.244.1.5', { ready: false }),
        ],
        { name: 'sql', port: 5432 },
      ),
    ],
    headless,
  ),
  service([port(many)], { name: 'many', clusterIp: '' }),
  service([], { name: 'inside', clusterIp: '', externalName: 'web.default.svc.cluster.local' }),
  service([], { name: 'outside', clusterIp: '', externalName: 'Example.org' }),
  service([port([endpoint('10.244.1.9', { port: 0 })], { name: '', port: 0 })], { name: 'portless', clusterIp: '' }),
];
const zone = new ClusterZone('cluster.local', { services });

function ask(name: string, type: RecordType = 'A') {
  return dnsAnswer(zone, { name, type }, (items) => items);
}

function texts(answers: readonly Answer[]): readonly string[] {
  return answers.map((answer) => {
    const data: unknown = 'data' in answer ? answer.data : '';
    if (answer.type === 'SRV') return `SRV ${answer.data.port} ${answer.data.target}`;
    return `${answer.type} ${String(data)}`;
  });
}

test.each<[string, RecordType, string[]]>([
  ['web.default.svc.cluster.local', 'A', ['A 10.96.0.10']],
  ['WEB.Default.svc.CLUSTER.local', 'A', ['A 10.96.0.10']],
  ['db.default.svc.cluster.local', 'A', ['A 10.244.1.3', 'A 10.244.1.4']],
  ['db-0.db.default.svc.cluster.local', 'A', ['A 10.244.1.3']],
  ['10-244-1-4.db.default.svc.cluster.local', 'A', ['A 10.244.1.4']],
  ['10-244-1-4.default.pod.cluster.local', 'A', ['A 10.244.1.4']],
  ['portless.default.svc.cluster.local', 'A', ['A 10.244.1.9']],
  ['_http._tcp.web.default.svc.cluster.local', 'SRV', ['SRV 80 web.default.svc.cluster.local']],
  ['_dns._udp.web.default.svc.cluster.local', 'SRV', ['SRV 53 web.default.svc.cluster.local']],
  [
    '_sql._tcp.db.default.svc.cluster.local',
    'SRV',
    ['SRV 8080 db-0.db.default.svc.cluster.local', 'SRV 8080 10-244-1-4.db.default.svc.cluster.local'],
  ],
  ['inside.default.svc.cluster.local', 'A', ['CNAME web.default.svc.cluster.local', 'A 10.96.0.10']],
  ['outside.default.svc.cluster.local', 'CNAME', ['CNAME example.org']],
  ['dns-version.cluster.local', 'TXT', ['TXT 1.1.0']],
])('%s %s', (name, type, wanted) => {
  const answer = ask(name, type);
  expect(answer.kind === 'own' ? texts(answer.answers) : answer.kind).toEqual(wanted);
});

test('addresses of services and of named pods lead back to their names', () => {
  const reverse = (address: string) => ask(`${address.split('.').reverse().join('.')}.in-addr.arpa`, 'PTR');
  expect(reverse('10.96.0.10')).toMatchObject({ answers: [{ data: 'web.default.svc.cluster.local' }] });
  expect(reverse('10.244.1.3')).toMatchObject({ answers: [{ data: 'db-0.db.default.svc.cluster.local' }] });
  expect(reverse('192.0.2.1')).toEqual({ kind: 'ask-others' });
});

test.each([
  { name: 'nobody.default.svc.cluster.local', type: 'A', rcode: 3 },
  { name: '_ftp._tcp.web.default.svc.cluster.local', type: 'SRV', rcode: 3 },
  { name: 'web.default.svc.cluster.local', type: 'AAAA', rcode: 0 },
  { name: 'default.svc.cluster.local', type: 'A', rcode: 0 },
  { name: 'cluster.local', type: 'A', rcode: 0 },
] as const)(
  '$name $type has no records (code $rcode), and the absence may be remembered for 5 s',
  ({ name, type, rcode }) => {
    expect(ask(name, type)).toMatchObject({
      kind: 'own',
      rcode,
      answers: [],
      authorities: [{ type: 'SOA', data: { minimum: 5 } }],
    });
  },
);

test('other names are somebody else’s, an external alias is followed there', () => {
  expect(ask('example.org')).toEqual({ kind: 'ask-others' });
  expect(ask('evilcluster.local')).toEqual({ kind: 'ask-others' });
  expect(ask('outside.default.svc.cluster.local')).toMatchObject({ kind: 'follow', target: 'example.org.' });
});

const forwarded: string[] = [];
const forwarder = {
  ask: async (message: Uint8Array) => {
    const query = decode(Buffer.from(message));
    const name = query.questions?.[0]?.name ?? '';
    forwarded.push(name);
    if (name === 'silent.example') return undefined;
    return encode({
      type: 'response',
      id: query.id ?? 0,
      questions: query.questions ?? [],
      answers: [{ type: 'A', name, ttl: 60, data: '192.0.2.80' }],
    });
  },
} as unknown as DnsForwarder;

const responder = new DnsResponder({ zone: () => zone, forwarder, world: realWorld });

async function respond(name: string, options: { readonly udpPayloadSize?: number; readonly overTcp?: boolean } = {}) {
  const { udpPayloadSize, overTcp = false } = options;
  const additionals: Answer[] =
    udpPayloadSize === undefined
      ? []
      : [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ];
  const query = encode({ type: 'query', id: 77, flags: 0x0100, questions: [{ type: 'A', name }], additionals });
  const answer = await responder.respond(query, overTcp);
  if (answer === undefined) throw new Error('no answer');
  return decode(Buffer.from(answer));
}

test('an answer repeats id and question as they were asked, and says who it is from', async () => {
  const answer = await respond('WeB.default.svc.cluster.local');
  expect(answer).toMatchObject({
    id: 77,
    type: 'response',
    flag_aa: true,
    flag_rd: true,
    flag_ra: true,
    questions: [{ name: 'WeB.default.svc.cluster.local' }],
  });
});

test('what does not fit is cut off with a sign to ask over TCP, where it fits', async () => {
  const small = await respond('many.default.svc.cluster.local');
  expect(small).toMatchObject({ flag_tc: true, answers: [] });
  const large = await respond('many.default.svc.cluster.local', { udpPayloadSize: 4096 });
  expect(large.flag_tc).toBe(true);
  const whole = await respond('many.default.svc.cluster.local', { overTcp: true });
  expect(whole.answers).toHaveLength(60);
});

test('questions of others are passed on; when nobody answers that is said', async () => {
  expect(await respond('example.org')).toMatchObject({ answers: [{ data: '192.0.2.80' }] });
  expect((await respond('outside.default.svc.cluster.local')).answers).toMatchObject([
    { type: 'CNAME', data: 'example.org' },
    { type: 'A', data: '192.0.2.80' },
  ]);
  expect((await respond('silent.example')) as { rcode?: string }).toMatchObject({ rcode: 'SERVFAIL' });
});

test('no bytes whatever make the responder fail', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.boolean(), async (bytes, overTcp) => {
      await responder.respond(bytes, overTcp);
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.nat(40), fc.nat(255), async (at, value) => {
      const query = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }] });
      query[at % query.length] = value;
      await responder.respond(query, false);
    }),
  );
});

test('the server answers over UDP and over TCP at one port', async () => {
  await using server = await DnsServer.open({
    address: '127.0.0.1',
    port: 0,
    responder,
    world: realWorld,
    log: silentLog,
  });
  const query = encode({ type: 'query', id: 5, questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }] });
  const udp = createSocket('udp4');
  const overUdp = new Promise<Buffer>((resolve) => udp.once('message', resolve));
  udp.send(query, server.port, '127.0.0.1');
  expect(decode(await overUdp).answers).toMatchObject([{ data: '10.96.0.10' }]);
  udp.close();
  const tcp = connect(server.port, '127.0.0.1');
  tcp.write(Buffer.concat([framed(query), framed(query)]));
  const answers: unknown[] = [];
  for await (const message of readFramed(tcp)) {
    answers.push(decode(Buffer.from(message)).answers?.length);
    if (answers.length === 2) break;
  }
  expect(answers).toEqual([1, 1]);
});
