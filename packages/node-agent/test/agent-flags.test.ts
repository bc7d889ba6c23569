import { expect, test } from 'vitest';
import { defaultRuntimeDir, parseAgentOptions } from '../src/agent-flags.ts';

const least = ['--name', 'n1', '--data-dir', '/data'];

test('flags become options', () => {
  const args = [
    '--server',
    'https://a:6443',
    '--server',
    'https://b:6443',
    '--token',
    't',
    '--node-ip',
    '10.0.0.1',
    '--create-node-ip',
  ];
  const more = [
    '--zone',
    'z',
    '--region',
    'r',
    '--label',
    'disk=fast',
    '--taint',
    'gpu=yes:NoSchedule',
    '--taint',
    'x:NoExecute',
  ];
  const rest = [
    '--reserve',
    'cpu=500m',
    '--max-pods',
    '20',
    '--metrics-listen',
    '127.0.0.1:0',
    '--log-level',
    'warn',
    '--machine-pid',
    '1',
  ];
  expect(parseAgentOptions([...least, ...args, ...more, ...rest])).toEqual({
    name: 'n1',
    dataDir: '/data',
    runtimeDir: defaultRuntimeDir('n1', '/data'),
    servers: ['https://a:6443', 'https://b:6443'],
    token: 't',
    nodeIp: '10.0.0.1',
    createNodeIp: true,
    labels: { 'topology.kubernetes.io/zone': 'z', 'topology.kubernetes.io/region': 'r', disk: 'fast' },
    taints: [
      { key: 'gpu', value: 'yes', effect: 'NoSchedule' },
      { key: 'x', effect: 'NoExecute' },
    ],
    engineSocket: '/var/run/docker.sock',
    machinePid: 1,
    reserved: { cpu: '500m' },
    podsMax: 20,
    metricsListen: '127.0.0.1:0',
    logLevel: 'warn',
  });
});

test.each([
  { args: [], message: '--name must be a DNS-1123 subdomain' },
  { args: ['--name', 'Upper'], message: 'got "Upper"' },
  {
    args: [...least, '--node-ip', '10.0.0'],
    message: '--node-ip "10.0.0": an IPv4 address such as 10.0.0.1 is wanted',
  },
  { args: [...least, '--create-node-ip'], message: '--create-node-ip needs --node-ip' },
  { args: [...least, '--metrics-listen', '0.0.0.0:9100'], message: 'must be HOST:PORT on a loopback address' },
  { args: [...least, '--label', 'x'], message: '--label must look like KEY=VALUE, got "x"' },
  {
    args: [...least, '--taint', 'a=b:Sometimes'],
    message: 'NoSchedule, PreferNoSchedule, NoExecute, got "a=b:Sometimes"',
  },
  { args: [...least, '--reserve', 'cpu=2 cores'], message: '--reserve "cpu=2 cores"' },
  {
    args: [...least, '--log-level', 'loud'],
    message: 'must be one of trace, debug, info, warn, error, silent, got "loud"',
  },
  { args: [...least, '--max-pods', '0'], message: '--max-pods must be a whole number from 1, got "0"' },
  { args: [...least, '--colour'], message: "Unknown option '--colour'" },
])('$args is refused: $message', ({ args, message }) => {
  expect(() => parseAgentOptions(args)).toThrow(message);
});

test('two agents of one name have runtime directories of their own', () => {
  expect(defaultRuntimeDir('n', '/a')).not.toBe(defaultRuntimeDir('n', '/b'));
});
