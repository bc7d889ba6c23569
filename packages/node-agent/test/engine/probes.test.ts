import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineNode, testImage, untilTerminated } from '../support/engine-node.ts';
import { whoServer } from '../support/pod-program.ts';

const timeout = 60_000;
let node: EngineNode;

beforeAll(async () => {
  node = await EngineNode.open();
  node.server.synced();
}, timeout);
afterAll(() => node[Symbol.asyncDispose](), timeout);

function web(name: string) {
  return node.server.statusOf(name)?.containerStatuses?.[0];
}

test.concurrent('readiness comes and goes with its probe, over HTTP, TCP and commands, without a restart', {
  timeout,
}, async () => {
  const container = (name: string, readinessProbe: object) => ({
    name,
    image: testImage,
    command: name === 'http' ? whoServer : untilTerminated(),
    readinessProbe,
  });
  const containers = [
    container('http', { httpGet: { path: '/cgi-bin/who', port: 8080 }, periodSeconds: 1 }),
    container('tcp', { tcpSocket: { port: 8080 }, periodSeconds: 1 }),
    container('exec', { exec: { command: ['test', '-e', '/tmp/ready'] }, periodSeconds: 1, failureThreshold: 1 }),
  ];
  const pod = node.pod('ready', {}, { containers });
  node.server.assign(pod);
  const readiness = () => node.server.statusOf('ready')?.containerStatuses?.map(({ ready }) => ready);
  await node.server.until('the first two are ready', () => readiness()?.join() === 'true,true,false');
  expect(node.server.statusOf('ready')?.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'False',
    reason: 'ContainersNotReady',
    message: 'containers with unready status: [exec]',
  });
  await node.server.until('the third one has failed its probe', () =>
    node.server.events.some(({ reason, fieldPath }) => reason === 'Unhealthy' && fieldPath === 'spec.containers{exec}'),
  );
  await node.exec('ready', ['touch', '/tmp/ready'], 'exec');
  await node.server.until('all are ready', () => readiness()?.join() === 'true,true,true');
  await node.exec('ready', ['rm', '/tmp/ready'], 'exec');
  await node.server.until('it is not any more', () => readiness()?.join() === 'true,true,false');
  expect(node.server.statusOf('ready')?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0, 0, 0]);
  await node.delete(pod);
});

test.concurrent('a container whose liveness probe fails is restarted, but not before its startup probe has succeeded', {
  timeout,
}, async () => {
  const livenessProbe = { exec: { command: ['test', '-e', '/tmp/alive'] }, periodSeconds: 1, failureThreshold: 1 };
  const startupProbe = { exec: { command: ['test', '-e', '/tmp/started'] }, periodSeconds: 1, failureThreshold: 60 };
  const pod = node.pod('alive', { command: untilTerminated(), livenessProbe, startupProbe });
  node.server.assign(pod);
  await node.server.until(
    'the startup probe has failed twice',
    () => node.server.events.filter(({ message }) => message.startsWith('Startup probe failed')).length >= 2,
  );
  expect(web('alive')).toMatchObject({ started: false, ready: false, restartCount: 0 });
  await node.exec('alive', ['touch', '/tmp/alive', '/tmp/started']);
  await node.server.until('it has started', () => web('alive')?.started);
  await node.exec('alive', ['rm', '/tmp/alive']);
  await node.server.until('it was restarted', () => web('alive')?.restartCount === 1);
  expect(node.server.events.find(({ reason, podName }) => reason === 'Killing' && podName === 'alive')?.message).toBe(
    'Container web failed liveness probe, will be restarted',
  );
  await node.delete(pod);
});

test.concurrent('a command that hangs is a failure, and is not left behind', { timeout }, async () => {
  const readinessProbe = {
    exec: { command: ['sleep', '4711'] },
    periodSeconds: 1,
    timeoutSeconds: 1,
    failureThreshold: 1,
  };
  const pod = node.pod('hangs', { command: untilTerminated(), readinessProbe });
  node.server.assign(pod);
  await node.server.until('it has failed', () =>
    node.server.events.some(({ message }) => message.includes('timed out after 1s')),
  );
  await node.server.until(
    'and again',
    () => node.server.events.filter(({ message }) => message.includes('timed out after 1s')).length > 1,
  );
  const sleepers = async () => {
    const processes = await node
      .exec('hangs', ['sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "'])
      .catch((error: Error) => error.message);
    return processes.split('sleep 4711').length - 1;
  };
  // The one at work may have just taken over from one that is being killed; were they left behind, there would be ever more.
  while ((await sleepers()) > 1);
  await node.delete(pod);
});

test.concurrent('hooks run at start and before the end, then the program is asked to end', { timeout }, async () => {
  const lifecycle = {
    postStart: { exec: { command: ['sh', '-c', 'echo started >> /shared/story'] } },
    preStop: { exec: { command: ['sh', '-c', 'echo stopping >> /shared/story'] } },
  };
  const volumes = [{ name: 'shared', hostPath: { path: `${node.folder}/story` } }];
  const pod = await node.run(
    node.pod(
      'hooked',
      {
        command: [
          '/bin/sh',
          '-c',
          "trap 'echo asked >> /shared/story; exit 0' TERM; while :; do sleep 3600 & wait $!; done",
        ],
        lifecycle,
        volumeMounts: [{ name: 'shared', mountPath: '/shared' }],
      },
      { volumes },
    ),
  );
  // Long enough for a hook on a busy machine; a program that listens ends at once.
  await node.delete(pod, 30);
  expect(readFileSync(`${node.folder}/story/story`, 'utf8')).toBe('started\nstopping\nasked\n');
});
