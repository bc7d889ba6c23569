import { expect, test } from 'vitest';
import type { Cluster } from '../support/cluster.ts';
import { singlePod } from '../support/manifests.ts';
import { storyNamespace } from '../support/namespace.ts';
import { endingOnRequest } from '../support/test-image.ts';
import { until } from '../support/waiting.ts';

const namespace = 'logs';
const withinMs = 20_000;

/** Writes a line whenever a file appears, and ends when another one does: the test sets the pace. */
const scribe =
  'echo ready; n=0; while [ ! -e /tmp/end ]; do if [ -e /tmp/go ]; then rm /tmp/go; n=$((n+1)); echo line $n; fi; sleep 0.05; done; echo the end';

export function logs(cluster: Cluster): void {
  const kubectl = storyNamespace(cluster, namespace);

  test('logs --follow shows every line as it is written and ends with the container', async () => {
    await kubectl.apply(singlePod('scribe', { command: [...endingOnRequest(scribe)] }, { restartPolicy: 'Never' }));
    await kubectl.run('wait', 'pod/scribe', '--for=condition=Ready', '--timeout=30s');
    const inside = await containerOf(cluster, 'scribe');
    await using following = kubectl.start('logs', '--follow', 'scribe');
    for (const line of ['line 1', 'line 2', 'line 3']) {
      await inside('touch', '/tmp/go');
      await until({
        what: `"${line}" arrives`,
        withinMs,
        look: () => following.stdout,
        isSo: (seen) => seen.includes(line),
      });
    }
    await inside('touch', '/tmp/end');
    expect(await following.ended()).toBe(0);
    expect(following.stdout).toBe('ready\nline 1\nline 2\nline 3\nthe end\n');
  });

  test('--tail, --timestamps, --since and a limit in bytes choose among the lines of a pod that has ended', async () => {
    await kubectl.run('wait', 'pod/scribe', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=30s');
    expect(await kubectl.run('logs', 'scribe', '--tail=2')).toBe('line 3\nthe end\n');
    expect(await kubectl.run('logs', 'scribe', '--timestamps', '--tail=1')).toMatch(
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z the end\n$/,
    );
    expect(await kubectl.run('logs', 'scribe', '--since=1h')).toContain('ready\n');
    expect(await kubectl.run('logs', 'scribe', '--limit-bytes=5')).toBe('ready');
  });

  test('--previous shows the run before the last restart', async () => {
    const once =
      'if [ -e /work/ran ]; then echo second run; sleep 3600 & wait; fi; touch /work/ran; echo first run; exit 1';
    const volume = { volumeMounts: [{ name: 'work', mountPath: '/work' }] };
    await kubectl.apply(
      singlePod(
        'again',
        { command: [...endingOnRequest(once)], ...volume },
        { volumes: [{ name: 'work', emptyDir: {} }] },
      ),
    );
    await until({
      what: 'the second run writes',
      withinMs,
      look: () => kubectl.run('logs', 'again'),
      isSo: (seen) => seen === 'second run\n',
    });
    expect(await kubectl.run('logs', 'again', '--previous')).toBe('first run\n');
  });

  test('what cannot be shown is refused in a sentence', async () => {
    expect(await kubectl.refused('logs', 'nobody')).toContain('pods "nobody" not found');
    expect(await kubectl.refused('logs', 'again', '-c', 'other')).toMatch(/container other is not valid for pod again/);
    expect(await kubectl.refused('logs', 'scribe', '--previous')).toMatch(
      /previous terminated container "main" in pod "scribe" not found/,
    );
  });
}

/** Runs commands in the only container of a pod, from the side of the engine. */
async function containerOf(cluster: Cluster, pod: string): Promise<(...command: readonly string[]) => Promise<string>> {
  const kubectl = cluster.kubectl.in(namespace);
  const id = await kubectl.run('get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].containerID}');
  const engine = cluster.engineOf(await kubectl.run('get', 'pod', pod, '-o', 'jsonpath={.spec.nodeName}'));
  return (...command) => engine.run('exec', id.replace('docker://', ''), ...command);
}
