import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConfigMap, Pod } from '@berth/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineNode, engine, testImage, untilTerminated } from '../support/engine-node.ts';

const timeout = 60_000;
let node: EngineNode;

beforeAll(async () => {
  node = await EngineNode.open();
  node.server.synced();
}, timeout);
afterAll(() => node[Symbol.asyncDispose](), timeout);

function settings(data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'default' }, data };
}

/** Waits for something outside of the protocol; looks again every few milliseconds. */
async function eventually(what: string, look: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await look()); tries += 1) {
    if (tries > 300) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test('an emptyDir is shared by the containers, outlives them, and goes with the pod', { timeout }, async () => {
  const volumeMounts = [
    { name: 'disk', mountPath: '/disk' },
    { name: 'memory', mountPath: '/memory' },
  ];
  const containers = ['web', 'side'].map((name) => ({
    name,
    image: testImage,
    command: untilTerminated(),
    volumeMounts,
  }));
  const volumes = [
    { name: 'disk', emptyDir: {} },
    { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
  ];
  const pod = await node.run(node.pod('empty', {}, { containers, volumes, securityContext: { fsGroup: 4242 } }));
  await node.exec('empty', ['sh', '-c', 'echo kept > /disk/file; echo kept > /memory/file'], 'web');
  await engine.signal(node.containerId('empty', 'side'), 'SIGKILL');
  await node.server.until(
    'it was restarted',
    () =>
      node.server.statusOf('empty')?.containerStatuses?.[1]?.state?.running &&
      node.server.statusOf('empty')?.containerStatuses?.[1]?.restartCount === 1,
  );
  expect(await node.exec('empty', ['cat', '/disk/file', '/memory/file'], 'side')).toBe('kept\nkept\n');
  expect(await node.exec('empty', ['stat', '-c', '%a %g', '/disk', '/memory'], 'side')).toBe('2777 4242\n2777 4242\n');
  expect(
    await node.exec('empty', ['sh', '-c', 'dd if=/dev/zero of=/memory/big bs=1M count=2 2>&1; true'], 'side'),
  ).toContain('No space left on device');
  const folder = join(node.dataDir, 'pods', pod.metadata.uid ?? '');
  expect(existsSync(folder)).toBe(true);
  await node.delete(pod);
  expect(existsSync(folder)).toBe(false);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(pod.metadata.uid);
});

test('files of a ConfigMap change all at once when the object does; a single mounted file does not', {
  timeout,
}, async () => {
  node.server.config('ConfigMap', settings({ a: '1', b: '1' }));
  const volumeMounts = [
    { name: 'settings', mountPath: '/etc/settings' },
    { name: 'settings', mountPath: '/etc/single', subPath: 'a', readOnly: true },
  ];
  const volumes = [{ name: 'settings', configMap: { name: 'settings', defaultMode: 0o640 } }];
  const pod = await node.run(node.pod('config', { command: untilTerminated(), volumeMounts }, { volumes }));
  expect(
    await node.exec('config', [
      'sh',
      '-c',
      'cat /etc/settings/a /etc/settings/b /etc/single; stat -L -c %a /etc/settings/a',
    ]),
  ).toBe('111640\n');
  node.server.config('ConfigMap', settings({ a: '2', b: '2', c: '2' }));
  await eventually('the new file is there', async () =>
    (await node.exec('config', ['ls', '/etc/settings'])).includes('c'),
  );
  expect(await node.exec('config', ['sh', '-c', 'cat /etc/settings/a /etc/settings/b /etc/single'])).toBe('221');
  await node.delete(pod);
});

test('secrets stay in memory, with the modes and the group that were asked for', { timeout }, async () => {
  const data = { token: 'aHVudGVyMg==' };
  node.server.config('Secret', {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'keys', namespace: 'default' },
    data,
  });
  const volumes = [
    { name: 'keys', secret: { secretName: 'keys', defaultMode: 0o400, items: [{ key: 'token', path: 'deep/token' }] } },
  ];
  const securityContext = { runAsUser: 1000, fsGroup: 2000 };
  const volumeMounts = [{ name: 'keys', mountPath: '/keys' }];
  const pod = await node.run(
    node.pod('secret', { command: untilTerminated(), volumeMounts }, { volumes, securityContext }),
  );
  expect(
    await node.exec('secret', ['sh', '-c', 'cat /keys/deep/token; stat -L -c " %a %g" /keys/deep/token; df -T /keys']),
  ).toMatch(/^hunter2 440 2000\n[\s\S]*tmpfs/);
  await node.delete(pod);
});

test('a pod waits for an object that is missing, says so, and starts when it comes', { timeout }, async () => {
  const volumes = [{ name: 'late', configMap: { name: 'late' } }];
  const pod = node.pod(
    'late',
    { command: untilTerminated(), volumeMounts: [{ name: 'late', mountPath: '/late' }] },
    { volumes },
  );
  node.server.assign(pod);
  await node.server.until('it says so', () =>
    node.server.events.some(({ reason, podName }) => reason === 'FailedMount' && podName === 'late'),
  );
  const event = node.server.events.find(({ reason }) => reason === 'FailedMount');
  expect(event?.message).toBe('MountVolume.SetUp failed for volume "late" : configmap "late" not found');
  expect(node.server.statusOf('late')?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating');
  node.server.config('ConfigMap', { ...settings({ a: '1' }), metadata: { name: 'late', namespace: 'default' } });
  await node.run(pod);
  await node.delete(pod);
});

test('labels in a downward volume follow the object; a projected volume joins several sources', {
  timeout,
}, async () => {
  node.server.config('ConfigMap', settings({ a: 'from the map' }));
  const downward = { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] };
  const limit = {
    path: 'limit',
    resourceFieldRef: { containerName: 'web', resource: 'limits.memory', divisor: '1Mi' },
  };
  const sources = [
    { configMap: { name: 'settings' } },
    { downwardAPI: { items: [limit] } },
    { serviceAccountToken: { path: 'token' } },
    { configMap: { name: 'nowhere', optional: true } },
  ];
  const volumes = [
    { name: 'self', downwardAPI: downward },
    { name: 'all', projected: { sources } },
  ];
  const volumeMounts = [
    { name: 'self', mountPath: '/self' },
    { name: 'all', mountPath: '/all' },
  ];
  const resources = { limits: { memory: '64Mi' } };
  const pod = await node.run(
    node.pod('downward', { command: untilTerminated(), volumeMounts, resources }, { volumes }),
  );
  expect(await node.exec('downward', ['sh', '-c', 'cat /self/labels; echo; ls /all; cat /all/a /all/limit'])).toBe(
    'app="downward"\na\nlimit\nfrom the map64',
  );
  expect(node.server.events.filter(({ reason }) => reason === 'ServiceAccountTokenMissing')).toMatchObject([
    {
      type: 'Warning',
      message: 'volume "all" is mounted without token: this cluster issues no tokens of service accounts yet',
    },
  ]);
  const relabelled: Pod = { ...pod, metadata: { ...pod.metadata, labels: { app: 'other' } } };
  node.server.assign(relabelled);
  await eventually(
    'the label is there',
    async () => (await node.exec('downward', ['cat', '/self/labels'])) === 'app="other"',
  );
  await node.delete(relabelled);
});

test('paths of the machine are made or checked as their type says', { timeout }, async () => {
  const folder = join(node.folder, 'machine');
  mkdirSync(folder);
  writeFileSync(join(folder, 'file'), 'hello');
  const volumes = [
    { name: 'made', hostPath: { path: join(folder, 'made'), type: 'DirectoryOrCreate' } },
    { name: 'file', hostPath: { path: join(folder, 'file'), type: 'File' } },
  ];
  const volumeMounts = [
    { name: 'made', mountPath: '/made' },
    { name: 'file', mountPath: '/file', readOnly: true },
  ];
  const pod = await node.run(node.pod('machine', { command: untilTerminated(), volumeMounts }, { volumes }));
  expect(await node.exec('machine', ['sh', '-c', 'cat /file; touch /made/new; touch /file 2>&1; true'])).toContain(
    'Read-only file system',
  );
  expect(statSync(join(folder, 'made', 'new')).isFile()).toBe(true);
  await node.delete(pod);
  const wrong = node.pod(
    'wrong',
    {},
    { volumes: [{ name: 'w', hostPath: { path: join(folder, 'file'), type: 'Directory' } }] },
  );
  node.server.assign(wrong);
  await node.server.until('it says so', () =>
    node.server.events.some(({ message }) => message.includes('hostPath type check failed')),
  );
  await node.delete(wrong);
});

test('a subPath is made when it is missing, may use variables, and cannot lead out of its volume', {
  timeout,
}, async () => {
  const volumes = [{ name: 'v', emptyDir: {} }];
  const env = [{ name: 'NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
  const inner = { name: 'v', mountPath: '/inner', subPathExpr: 'logs/$(NAME)' };
  const pod = await node.run(
    node.pod(
      'sub',
      { command: untilTerminated(), env, volumeMounts: [{ name: 'v', mountPath: '/all' }, inner] },
      { volumes },
    ),
  );
  await node.exec('sub', ['sh', '-c', 'touch /inner/x; rm -r /all/logs; cd /all; ln -s / escape']);
  await node.delete(pod);
  const escaping = node.pod(
    'escape',
    { command: untilTerminated(), volumeMounts: [{ name: 'v', mountPath: '/x', subPath: 'link' }] },
    {
      volumes,
      initContainers: [
        {
          name: 'plant',
          image: testImage,
          command: ['ln', '-s', '/etc', '/v/link'],
          volumeMounts: [{ name: 'v', mountPath: '/v' }],
        },
      ],
    },
  );
  node.server.assign(escaping);
  const waiting = await node.server.until(
    'it is refused',
    () => node.server.statusOf('escape')?.containerStatuses?.[0]?.state?.waiting?.message,
  );
  expect(waiting).toBe('subPath "link" of volume "v" leads out of the volume');
  await node.delete(escaping);
});
