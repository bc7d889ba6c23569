import { expect, test } from 'vitest';
import { parseServerOptions, serverFlags, serverUsage, UsageError } from '../../src/server-options.ts';

const sources = { readFile: (path: string): string => `contents of ${path}\n` };
const parse = (...argv: readonly string[]) => parseServerOptions(argv, sources);

test('nothing but defaults makes a new cluster with the embedded store', () => {
  expect(parse('--name', 's1', '--advertise-address', '10.0.0.1')).toEqual({
    name: 's1',
    dataDir: '/var/lib/berth/server',
    listen: { host: '0.0.0.0', port: 6443 },
    gatewayListen: { host: '0.0.0.0', port: 6444 },
    peerListen: { host: '0.0.0.0', port: 6445 },
    advertiseAddress: '10.0.0.1',
    tlsNames: [],
    settings: {},
    logLevel: 'info',
    store: { kind: 'embedded' },
    timings: {},
    snapshots: { folder: '/var/lib/berth/server/snapshots', everyMs: 43_200_000, keep: 5 },
    http2: false,
    schedulers: [{ schedulerName: 'default-scheduler', strategy: 'pack' }],
  });
});

test('the other listeners follow the host of the first, and so does the advertised address', () => {
  expect(parse('--listen', '127.0.0.1:7000')).toMatchObject({
    listen: { host: '127.0.0.1', port: 7000 },
    gatewayListen: { host: '127.0.0.1', port: 6444 },
    peerListen: { host: '127.0.0.1', port: 6445 },
    advertiseAddress: '127.0.0.1',
  });
});

test.each([
  { text: '10.0.0.1:1', address: { host: '10.0.0.1', port: 1 } },
  { text: ':6443', address: { host: '0.0.0.0', port: 6443 } },
  { text: '[::1]:6443', address: { host: '::1', port: 6443 } },
  { text: 'host.example:6443', address: { host: 'host.example', port: 6443 } },
])('--listen $text', ({ text, address }) => {
  expect(parse('--listen', text).listen).toEqual(address);
});

test('joining takes any number of servers and a token, also from a file', () => {
  const urls = ['--join', 'https://a:6443', '--join', 'https://b:6443'];
  expect(parse(...urls, '--token', 't').join).toEqual({ urls: ['https://a:6443', 'https://b:6443'], token: 't' });
  expect(parse(...urls, '--token-file', '/t').join?.token).toBe('contents of /t');
});

test('an etcd is named by its members, with files for TLS', () => {
  const tls = ['--store-ca', 'ca', '--store-cert', 'cert', '--store-key', 'key'];
  expect(parse('--store', 'etcd://a:2379,b:2379', ...tls).store).toEqual({
    kind: 'etcd',
    endpoints: ['a:2379', 'b:2379'],
    tls: { ca: 'ca', certificate: 'cert', key: 'key' },
  });
});

test('snapshots go where and as often as told, or nowhere', () => {
  const flags = ['--snapshot-every', '1h', '--snapshot-dir', '/backup', '--snapshot-keep', '48'];
  expect(parse(...flags).snapshots).toEqual({ folder: '/backup', everyMs: 3_600_000, keep: 48 });
  expect(parse('--snapshot-every', 'off').snapshots).toBeUndefined();
  expect(() => parse('--snapshot-every', '10ms')).toThrow('--snapshot-every must be at least 1s, or off');
  expect(() => parse('--snapshot-keep', '0')).toThrow('--snapshot-keep must be a whole number from 1 on, got "0"');
});

test.each([
  { text: '50ms', ms: 50 },
  { text: '1.5s', ms: 1500 },
  { text: '10m', ms: 600_000 },
])('--election-timeout $text means $ms milliseconds', ({ text, ms }) => {
  expect(parse('--election-timeout', text).timings).toEqual({ electionMs: ms });
});

test.each([
  { argv: ['--listen', '6443'], message: '--listen must look like "0.0.0.0:6443" or "[::]:6443", got "6443"' },
  { argv: ['--listen', 'a:70000'], message: '--listen must look like' },
  { argv: ['--metrics-listen', '0.0.0.0:9090'], message: '--metrics-listen must be on a loopback address' },
  { argv: ['--metrics-listen', 'example.org:9090'], message: '--metrics-listen must be on a loopback address' },
  { argv: ['--join', 'https://a:6443'], message: '--join needs --token' },
  { argv: ['--token', 't'], message: '--token is for joining' },
  { argv: ['--token', 't', '--token-file', 'f', '--join', 'x'], message: 'exclude each other' },
  {
    argv: ['--log-level', 'loud'],
    message: '--log-level must be one of trace, debug, info, warn, error, silent, got "loud"',
  },
  { argv: ['--store', 'mysql://x'], message: '--store must be "embedded" or look like "etcd://' },
  {
    argv: ['--store', 'etcd://a:1', '--store-ca', 'ca'],
    message: 'etcd with TLS needs --store-ca, --store-cert and --store-key',
  },
  { argv: ['--store-ca', 'ca'], message: 'are for etcd' },
  { argv: ['--tick', '50'], message: '--tick must look like "500ms", "2s" or "10m", got "50"' },
  { argv: ['--name', ''], message: '--name must not be empty' },
  { argv: ['--unknown'], message: "Unknown option '--unknown'" },
  { argv: ['extra'], message: 'extra' },
])('$argv is refused: $message', ({ argv, message }) => {
  const parsing = (): unknown => parse(...argv);
  expect(parsing).toThrow(UsageError);
  expect(parsing).toThrow(message);
});

test('the help names every flag', () => {
  for (const name of Object.keys(serverFlags)) expect(serverUsage()).toContain(`--${name} `);
});
