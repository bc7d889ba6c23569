import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Container, Pod } from '@berth/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { singlePod } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { endingOnRequest } from '../support/test-image.ts';
import { until } from '../support/waiting.ts';

const namespace = 'pods';
const withinMs = 30_000;

const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { greeting: 'hello', COLOUR: 'blue' },
};
const keys = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'keys' }, stringData: { password: 'swordfish' } };

/** What the rich pod's container says of itself before it goes on copying a file that may change. */
const report = `
echo "args: $0 $1"
echo "literal: $LITERAL; composed: $COMPOSED; from a map: $GREETING; all of a map: $COLOUR; secret: $PASSWORD"
echo "pod: $POD_NAME on $NODE_NAME with $POD_IP; memory limit: $MEMORY_LIMIT"
echo "init left: $(cat /work/init)"
echo "files: $(cat /config/greeting) $(cat /secret/password) $(ls /config)"
echo "from the pod" > /host/file
trap 'exit 0' TERM
while :; do cat /config/greeting > /work/seen; sleep 0.1; done
`;

function richPod(hostFolder: string): object {
  const fieldOf = (fieldPath: string) => ({ fieldRef: { fieldPath } });
  const main: Partial<Container> = {
    command: ['sh', '-c', report, 'zero'],
    args: ['one'],
    envFrom: [{ configMapRef: { name: 'settings' } }],
    env: [
      { name: 'LITERAL', value: 'plain' },
      { name: 'COMPOSED', value: 'very $(LITERAL)' },
      { name: 'GREETING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'greeting' } } },
      { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'keys', key: 'password' } } },
      { name: 'POD_NAME', valueFrom: fieldOf('metadata.name') },
      { name: 'NODE_NAME', valueFrom: fieldOf('spec.nodeName') },
      { name: 'POD_IP', valueFrom: fieldOf('status.podIP') },
      { name: 'MEMORY_LIMIT', valueFrom: { resourceFieldRef: { resource: 'limits.memory' } } },
    ],
    resources: { requests: { cpu: '50m', memory: '16Mi' }, limits: { cpu: '250m', memory: '32Mi' } },
    volumeMounts: [
      { name: 'work', mountPath: '/work' },
      { name: 'config', mountPath: '/config' },
      { name: 'secret', mountPath: '/secret', readOnly: true },
      { name: 'host', mountPath: '/host' },
    ],
  };
  const volumeMounts = [{ name: 'work', mountPath: '/work' }];
  const init: Container = {
    name: 'init',
    image: 'berth.test/system:1',
    command: ['sh', '-c', 'echo prepared > /work/init'],
    volumeMounts,
  };
  return singlePod('rich', main, {
    initContainers: [init],
    volumes: [
      { name: 'work', emptyDir: {} },
      { name: 'config', configMap: { name: 'settings' } },
      { name: 'secret', secret: { secretName: 'keys' } },
      { name: 'host', hostPath: { path: hostFolder, type: 'Directory' } },
    ],
  });
}

/** Two programs that see each other on the loopback device, and nothing of other pods. */
const pair = singlePod('pair', {});
const asking = 'until wget -q -O - http://127.0.0.1:8080/ 2> /dev/null; do sleep 0.2; done; sleep 3600 & wait';

export function podFeatures(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);
  const hostFolder = mkdtempSync(join(tmpdir(), 'berth-host-path-'));
  const podOf = (name: string): Promise<Pod> => kubectl.json<Pod>('get', 'pod', name);
  const untilPhase = (name: string, phase: string): Promise<Pod> =>
    until({
      what: `${name} is ${phase}`,
      withinMs,
      look: () => podOf(name),
      isSo: ({ status }) => status?.phase === phase,
    });
  const exec = async (pod: string, ...command: readonly string[]): Promise<string> => {
    const { spec, status } = await podOf(pod);
    const id = (status?.containerStatuses?.[0]?.containerID ?? '').replace('docker://', '');
    return cluster.engineOf(spec.nodeName ?? '').run('exec', id, ...command);
  };

  beforeAll(async () => {
    await kubectl.apply(settings, keys);
    await kubectl.apply(richPod(hostFolder));
    await kubectl.run('wait', 'pod/rich', '--for=condition=Ready', '--timeout=30s');
  });
  afterAll(() => rmSync(hostFolder, { recursive: true, force: true }));

  test('a container gets its arguments, environment and volumes', async () => {
    const { spec, status } = await podOf('rich');
    const said = await until({
      what: 'the container has reported',
      withinMs,
      look: () => kubectl.run('logs', 'rich'),
      isSo: (seen) => seen.includes('files:'),
    });
    expect(said.trimEnd().split('\n')).toEqual([
      'args: zero one',
      'literal: plain; composed: very plain; from a map: hello; all of a map: blue; secret: swordfish',
      `pod: rich on ${spec.nodeName} with ${status?.podIP}; memory limit: ${32 << 20}`,
      'init left: prepared',
      'files: hello swordfish COLOUR',
      'greeting',
    ]);
    expect(readFileSync(join(hostFolder, 'file'), 'utf8')).toBe('from the pod\n');
  });

  test('limits become limits of the kernel, requests its shares', async () => {
    const engine = cluster.engineOf((await podOf('rich')).spec.nodeName ?? '');
    const [view] = await engine.runningOf({ namespace, pod: 'rich' });
    expect(view?.HostConfig).toMatchObject({ Memory: 32 << 20, CpuShares: 51, CpuQuota: 25_000, CpuPeriod: 100_000 });
  });

  test('a changed ConfigMap reaches the files of a running container', async () => {
    await kubectl.run(
      'patch',
      'configmap',
      'settings',
      '--type=merge',
      '--patch',
      '{"data":{"greeting":"good evening"}}',
    );
    await until({
      what: 'the file has the new content',
      withinMs,
      look: () => exec('rich', 'cat', '/work/seen'),
      isSo: (seen) => seen === 'good evening',
    });
  });

  test('the containers of a pod share one network', async () => {
    const spec = (pair as Pod).spec;
    const second: Container = {
      ...(spec.containers[0] as Container),
      name: 'asker',
      command: [...endingOnRequest(asking)],
    };
    await kubectl.apply({ ...pair, spec: { ...spec, containers: [...spec.containers, second] } });
    await kubectl.run('wait', 'pod/pair', '--for=condition=Ready', '--timeout=30s');
    await until({
      what: 'the second container reads the page of the first',
      withinMs,
      look: () => kubectl.run('logs', 'pair', '-c', 'asker'),
      isSo: (seen) => seen === 'pair version 1\n',
    });
  });

  test('restart policies: Never ends for good, OnFailure tries again until it works', async () => {
    const volume = { volumeMounts: [{ name: 'work', mountPath: '/work' }] };
    const second = 'test -e /work/ran && exit 0; touch /work/ran; exit 1';
    await kubectl.apply(
      singlePod('succeeds', { command: ['sh', '-c', 'exit 0'] }, { restartPolicy: 'Never' }),
      singlePod('fails', { command: ['sh', '-c', 'exit 3'] }, { restartPolicy: 'Never' }),
      singlePod(
        'second-try',
        { command: ['sh', '-c', second], ...volume },
        { restartPolicy: 'OnFailure', volumes: [{ name: 'work', emptyDir: {} }] },
      ),
    );
    await untilPhase('succeeds', 'Succeeded');
    const failed = await untilPhase('fails', 'Failed');
    expect(failed.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    const second2 = await untilPhase('second-try', 'Succeeded');
    expect(second2.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(await kubectl.run('get', 'pods', 'succeeds', 'fails', '--no-headers')).toMatch(
      /succeeds +0\/1 +Completed[\s\S]+fails +0\/1 +Error/,
    );
  });

  test('a container that keeps failing is restarted with a back-off, and the status says so', async () => {
    await kubectl.apply(singlePod('crashing', { command: ['sh', '-c', 'exit 1'] }));
    await until({
      what: 'kubectl shows CrashLoopBackOff',
      withinMs,
      look: () => kubectl.run('get', 'pod', 'crashing', '--no-headers'),
      isSo: (seen) => /CrashLoopBackOff +[1-9]/.test(seen),
    });
  });

  test('a container that takes more memory than its limit is killed for it', async () => {
    const greedy = {
      command: ['dd', 'if=/dev/zero', 'of=/dev/null', 'bs=96M', 'count=1'],
      resources: { limits: { memory: '24Mi' } },
    };
    await kubectl.apply(singlePod('greedy', greedy, { restartPolicy: 'Never' }));
    const { status } = await untilPhase('greedy', 'Failed');
    expect(status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({ reason: 'OOMKilled', exitCode: 137 });
  });

  test('an image that is not there is named in the status', async () => {
    await kubectl.apply(singlePod('no-image', { image: 'berth.test/nowhere:1' }));
    await until({
      what: 'kubectl shows the reason',
      withinMs,
      look: () => kubectl.run('get', 'pod', 'no-image', '--no-headers'),
      isSo: (seen) => seen.includes('ErrImageNeverPull'),
    });
    expect(await kubectl.run('describe', 'pod', 'no-image')).toContain('berth.test/nowhere:1');
  });

  test('a failing liveness probe restarts the container', async () => {
    const livenessProbe = { httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1, failureThreshold: 1 };
    const startupProbe = { tcpSocket: { port: 8080 }, periodSeconds: 1 };
    await kubectl.apply(singlePod('alive', { livenessProbe, startupProbe }, { terminationGracePeriodSeconds: 1 }));
    await kubectl.run('wait', 'pod/alive', '--for=condition=Ready', '--timeout=30s');
    await exec('alive', 'rm', '/tmp/www/healthz');
    await until({
      what: 'one restart is counted',
      withinMs,
      look: () => podOf('alive'),
      isSo: ({ status }) => status?.containerStatuses?.[0]?.restartCount === 1,
    });
    await kubectl.run('wait', 'pod/alive', '--for=condition=Ready', '--timeout=30s');
    expect(
      await kubectl.run(
        'get',
        'events',
        '--field-selector',
        'involvedObject.name=alive',
        '-o',
        'jsonpath={.items[*].reason}',
      ),
    ).toMatch(/Unhealthy/);
  });

  test('a container is asked to stop, may say goodbye, and is killed when its grace is over', async () => {
    await kubectl.apply(
      singlePod('polite', {}),
      singlePod(
        'stubborn',
        { command: ['sh', '-c', "trap '' TERM; while :; do sleep 0.2; done"] },
        { terminationGracePeriodSeconds: 1 },
      ),
    );
    await kubectl.run('wait', 'pod/polite', 'pod/stubborn', '--for=condition=Ready', '--timeout=30s');
    await using goodbye = kubectl.start('logs', '--follow', 'polite');
    await until({
      what: 'the log is followed',
      withinMs,
      look: () => goodbye.stdout,
      isSo: (seen) => seen.includes('serving'),
    });
    await kubectl.run('delete', 'pod', 'polite', 'stubborn', '--timeout=20s');
    await goodbye.ended();
    expect(goodbye.stdout).toContain('asked to stop');
  });
}
