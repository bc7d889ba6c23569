import { existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cleanup } from '../../src/cleanup.ts';
import { bridgeName } from '../../src/network/interface-names.ts';
import { EngineNode, engine, machine, testImage, untilTerminated } from '../support/engine-node.ts';

const timeout = 60_000;
let node: EngineNode;

beforeAll(async () => {
  node = await EngineNode.open();
  node.server.synced();
}, timeout);
afterAll(() => node[Symbol.asyncDispose](), timeout);

function restarts(name: string): number | undefined {
  return node.server.statusOf(name)?.containerStatuses?.[0]?.restartCount;
}

function isReady(name: string): boolean {
  return node.server.statusOf(name)?.containerStatuses?.[0]?.ready === true;
}

test('containers of a pod share network, IPC and hostname, and nothing else', { timeout }, async () => {
  const containers = ['web', 'side'].map((name) => ({ name, image: testImage, command: untilTerminated() }));
  const pod = await node.run(
    node.pod(
      'shared',
      {},
      { containers, hostname: 'together', hostAliases: [{ ip: '192.0.2.7', hostnames: ['elsewhere'] }] },
    ),
  );
  const look = [
    'sh',
    '-c',
    'hostname; ip -o -4 addr show eth0; cat /proc/1/cmdline; cat /etc/hosts; ls -l /proc/self/ns/net /proc/self/ns/ipc',
  ];
  const [web, side] = [await node.exec('shared', look, 'web'), await node.exec('shared', look, 'side')];
  expect(web).toBe(side);
  expect(web).toContain('together');
  expect(web).toContain(node.server.statusOf('shared')?.podIP);
  expect(web).toContain('192.0.2.7\telsewhere');
  expect(web).not.toContain('/sandbox');
  await node.delete(pod);
  expect(await engine.list({ 'berth.dev/uid': pod.metadata.uid ?? '' })).toEqual([]);
});

test('a pod with the machine’s network and process space sees the machine', { timeout }, async () => {
  const pod = await node.run(node.pod('host', { command: untilTerminated() }, { hostNetwork: true, hostPID: true }));
  expect(node.server.statusOf('host')?.podIP).toBe('127.0.0.1');
  const links = await node.exec('host', ['ip', '-o', 'link']);
  expect(links).toContain(bridgeName({ clusterId: node.clusterId, nodeName: node.name }));
  expect(await node.exec('host', ['sh', '-c', 'ls -d /proc/[0-9]* | head -n 1000'])).toContain(
    `/proc/${process.pid}\n`,
  );
  await node.delete(pod);
});

test('environment, arguments and working directory are as specified', { timeout }, async () => {
  node.server.config('ConfigMap', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings', namespace: 'default' },
    data: { color: 'green' },
  });
  node.server.config('Secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'default' },
    data: { token: 'aGVsbG8=' },
  });
  const env = [
    { name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
    { name: 'COLOR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } } },
    { name: 'GREETING', value: 'I am $(NAME), $$(NOT) $(UNKNOWN)' },
  ];
  const args = ['$(GREETING)'];
  const command = [
    '/bin/sh',
    '-c',
    'trap \'exit 0\' TERM; echo "$0" > /tmp/said; while :; do sleep 3600 & wait $!; done',
  ];
  const pod = await node.run(
    node.pod('env', {
      command,
      args,
      env,
      envFrom: [{ prefix: 'S_', secretRef: { name: 'keys' } }],
      workingDir: '/tmp',
    }),
  );
  const seen = await node.exec('env', ['sh', '-c', 'pwd; cat said; echo $COLOR $S_token $ADDRESS']);
  expect(seen.split('\n')).toEqual([
    '/tmp',
    'I am env, $(NOT) $(UNKNOWN)',
    `green hello ${node.server.statusOf('env')?.podIP}`,
    '',
  ]);
  await node.delete(pod);
});

test('a killed container is running again in a moment; removed ones come back too', { timeout }, async () => {
  const pod = await node.run(node.pod('killed', { command: untilTerminated() }));
  const first = node.containerId('killed');
  await engine.signal(first, 'SIGKILL');
  await node.server.until('it was restarted', () => restarts('killed') === 1 && isReady('killed'));
  const second = node.containerId('killed');
  expect(second).not.toBe(first);
  expect(node.server.statusOf('killed')?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({
    exitCode: 137,
    containerID: `docker://${first}`,
  });
  // A second crash would wait; what somebody removes does not.
  await engine.remove(second);
  await node.server.until('it was made anew', () => restarts('killed') === 2 && isReady('killed'));
  const { state, lastState } = node.server.statusOf('killed')?.containerStatuses?.[0] ?? {};
  const pauseMs = Date.parse(state?.running?.startedAt ?? '') - Date.parse(lastState?.terminated?.finishedAt ?? '');
  expect(pauseMs).toBeLessThan(10_000);
  await node.delete(pod);
});

test('a killed sandbox is replaced with all that was in it', { timeout }, async () => {
  const pod = await node.run(node.pod('boxed', { command: untilTerminated() }));
  const before = node.server.statusOf('boxed')?.podIP;
  const [sandbox] = await engine.list({ 'berth.dev/uid': pod.metadata.uid ?? '', 'berth.dev/role': 'sandbox' });
  await engine.signal(sandbox?.id ?? '', 'SIGKILL');
  await node.server.until('all runs again', () => restarts('boxed') === 1 && isReady('boxed'));
  expect(node.server.statusOf('boxed')?.podIP).not.toBe(before);
  await node.delete(pod);
});

test('an agent that is gone for a while leaves its containers alone and finds them again', { timeout }, async () => {
  const pod = await node.run(node.pod('adopted', { command: untilTerminated() }));
  const id = node.containerId('adopted');
  const status = node.server.statusOf('adopted');
  await node.stop();
  node.server.seen.delete('adopted');
  await node.boot();
  node.server.assign({ ...pod, ...(status === undefined ? {} : { status }) });
  node.server.synced();
  await node.server.until('its status is reported again', () => isReady('adopted'));
  expect(node.containerId('adopted')).toBe(id);
  expect(node.server.statusOf('adopted')).toEqual(status);
  await node.delete(pod);
});

test('an end is told with its exit code and the message the program left', { timeout }, async () => {
  const command = ['/bin/sh', '-c', 'echo "out of ideas" > /dev/termination-log; exit 3'];
  const pod = node.pod('ended', { command }, { restartPolicy: 'Never' });
  node.server.assign(pod);
  await node.server.until('it has failed', () => node.server.statusOf('ended')?.phase === 'Failed');
  expect(node.server.statusOf('ended')?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
    exitCode: 3,
    reason: 'Error',
    message: 'out of ideas\n',
  });
  await node.delete(pod);
});

test('without a message the last lines of the log stand in, when asked for', { timeout }, async () => {
  const container = {
    command: ['/bin/sh', '-c', 'echo last words; exit 1'],
    terminationMessagePolicy: 'FallbackToLogsOnError',
  };
  const pod = node.pod('logged', container, { restartPolicy: 'Never' });
  node.server.assign(pod);
  await node.server.until('it has failed', () => node.server.statusOf('logged')?.phase === 'Failed');
  expect(node.server.statusOf('logged')?.containerStatuses?.[0]?.state?.terminated?.message).toBe('last words\n');
  await node.delete(pod);
});

test('memory and CPU limits are the kernel’s; too much memory is fatal and named so', { timeout }, async () => {
  const resources = { limits: { memory: '32Mi', cpu: '250m' }, requests: { memory: '32Mi', cpu: '100m' } };
  const modest = await node.run(node.pod('modest', { command: untilTerminated(), resources }));
  const told = '{{.HostConfig.Memory}} {{.HostConfig.CpuQuota}}/{{.HostConfig.CpuPeriod}} {{.HostConfig.CpuShares}}';
  expect(machine('docker', 'inspect', '--format', told, node.containerId('modest'))).toBe(
    '33554432 25000/100000 102\n',
  );
  await node.delete(modest);
  const hog = ['/bin/sh', '-c', 'dd if=/dev/zero of=/dev/null bs=64M count=1'];
  const pod = node.pod('hungry', { command: hog, resources }, { restartPolicy: 'Never' });
  node.server.assign(pod);
  await node.server.until('it was killed', () => node.server.statusOf('hungry')?.phase === 'Failed');
  expect(node.server.statusOf('hungry')?.containerStatuses?.[0]?.state?.terminated?.reason).toBe('OOMKilled');
  await node.delete(pod);
});

test('the security context decides about user, groups, rights and the root file system', { timeout }, async () => {
  const securityContext = {
    runAsUser: 1234,
    runAsGroup: 2345,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  };
  const pod = await node.run(
    node.pod(
      'careful',
      { command: untilTerminated(), securityContext },
      { securityContext: { fsGroup: 3456, supplementalGroups: [4567] } },
    ),
  );
  const seen = await node.exec('careful', ['sh', '-c', 'id; cat /proc/self/status; touch /forbidden 2>&1; true']);
  expect(seen).toContain('uid=1234 gid=2345 groups=2345,3456,4567');
  expect(seen).toMatch(/NoNewPrivs:\s+1/);
  expect(seen).toMatch(/CapBnd:\s+0000000000000000/);
  expect(seen).toContain('Read-only file system');
  await node.delete(pod);
});

test('an image that is nowhere is reported in the words of the engine', { timeout }, async () => {
  const pod = node.pod('nowhere', { image: 'berth.test/missing:1', imagePullPolicy: 'Never' });
  node.server.assign(pod);
  const waiting = await node.server.until(
    'it waits',
    () => node.server.statusOf('nowhere')?.containerStatuses?.[0]?.state?.waiting?.message,
  );
  expect(waiting).toBe('Container image "berth.test/missing:1" is not present with pull policy of Never');
  await node.delete(pod);
});

test('logs: all, the end of it, since when, with times, cut off, followed, and of the run before', {
  timeout,
}, async () => {
  const command = [
    '/bin/sh',
    '-c',
    "trap 'exit 0' TERM; echo one; echo two; echo three; while :; do sleep 3600 & wait $!; done",
  ];
  // Which of two streams the engine reads first is its own business: errors come from a container of their own.
  const complain = ['/bin/sh', '-c', "trap 'exit 0' TERM; echo oh no >&2; while :; do sleep 3600 & wait $!; done"];
  const containers = [
    { name: 'web', image: testImage, command },
    { name: 'sad', image: testImage, command: complain },
  ];
  const pod = await node.run(node.pod('talkative', {}, { containers }));
  const source = { podUid: pod.metadata.uid ?? '', container: 'web' };
  const whole = async (container: string, words: string) => {
    while ((await node.server.logs({ ...source, container })) !== words);
  };
  await whole('web', 'one\ntwo\nthree\n');
  await whole('sad', 'oh no\n');
  expect(await node.server.logs({ ...source, tailLines: 1 })).toBe('three\n');
  expect(await node.server.logs({ ...source, limitBytes: 2 })).toHaveLength(2);
  expect(await node.server.logs({ ...source, sinceTime: '2999-01-01T00:00:00Z' })).toBe('');
  expect(await node.server.logs({ ...source, tailLines: 1, timestamps: true })).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z three\n$/,
  );
  await expect(node.server.logs({ ...source, container: 'other' })).rejects.toMatchObject({
    code: 400,
    message: 'container other is not valid for pod talkative',
  });
  await expect(node.server.logs({ ...source, previous: true })).rejects.toMatchObject({
    message: 'previous terminated container "web" in pod "talkative" not found',
  });
  const followed = node.server.logs({ ...source, follow: true });
  await engine.signal(node.containerId('talkative'), 'SIGKILL');
  expect(await followed).toContain('three\n');
  await node.server.until('it was restarted', () => restarts('talkative') === 1);
  expect(await node.server.logs({ ...source, previous: true })).toContain('three\n');
  await node.delete(pod);
});

test('clean-up removes every trace of a node and may be called twice', { timeout }, async () => {
  const other = await EngineNode.open();
  other.server.synced();
  await other.run(other.pod('left', { command: untilTerminated() }));
  await other.stop();
  const bridge = bridgeName({ clusterId: other.clusterId, nodeName: other.name });
  expect(machine('ip', 'link')).toContain(bridge);
  await cleanup({ nodeName: other.name, dataDir: other.dataDir });
  await cleanup({ nodeName: other.name, dataDir: other.dataDir });
  expect(await engine.list({ 'berth.dev/node': other.name })).toEqual([]);
  expect(machine('ip', 'link')).not.toContain(bridge);
  expect(machine('iptables', '-S')).not.toContain(bridge);
  expect(machine('nft', 'list', 'tables')).not.toMatch(new RegExp(bridge.slice(3)));
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(other.folder);
  expect(existsSync(other.runtimeDir)).toBe(false);
  await other[Symbol.asyncDispose]();
});
