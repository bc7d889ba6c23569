import type { Pod } from '@berth/api';
import type { Docker } from '../support/docker.ts';
import type { Kubectl } from '../support/kubectl.ts';
import { isActive, isReady, restartsOf, untilPods } from '../support/pod-facts.ts';

/** Where a scenario plays: an app's pods, all Ready. */
export interface Place {
  readonly kubectl: Kubectl;
  readonly docker: Docker;
  readonly namespace: string;
  readonly app: string;
}

/** `docker kill`; milliseconds until the pod is Ready with a running container again. */
export function killContainer(place: Place, pod: Pod, limitMs: number): Promise<number> {
  return untilRestarted(place, pod, limitMs, ['kill']);
}

/** `docker rm -f`; milliseconds until the pod is Ready with a running container again. */
export function loseContainer(place: Place, pod: Pod, limitMs: number): Promise<number> {
  return untilRestarted(place, pod, limitMs, ['rm', '--force']);
}

async function untilRestarted(
  { kubectl, docker, namespace, app }: Place,
  pod: Pod,
  limitMs: number,
  command: readonly string[],
): Promise<number> {
  const { name = '', uid } = pod.metadata;
  const [container] = await docker.runningOf({ namespace, pod: name });
  if (container === undefined) throw new Error(`${name} has no running container`);
  const begin = performance.now();
  const again = untilPods(kubectl, namespace, {
    app,
    what: `${name} was restarted and is Ready`,
    withinMs: limitMs,
    isSo: (pods) =>
      pods.some((each) => each.metadata.uid === uid && restartsOf(each) > restartsOf(pod) && isReady(each)),
  });
  await docker.run(...command, container.Id);
  await again;
  return performance.now() - begin;
}

/** `kubectl delete pod`; milliseconds until as many pods as before are Ready without it. */
export async function replacePod({ kubectl, namespace, app }: Place, pod: Pod, limitMs: number): Promise<number> {
  const { name = '', uid } = pod.metadata;
  const { items } = await kubectl.json<{ items: Pod[] }>('get', 'pods', '--selector', `app=${app}`);
  const wanted = items.filter(isActive).length;
  const begin = performance.now();
  const replaced = untilPods(kubectl, namespace, {
    app,
    what: `${wanted} pods are Ready without ${name}`,
    withinMs: limitMs,
    isSo: (pods) =>
      pods.filter((each) => each.metadata.uid !== uid && isActive(each) && isReady(each)).length === wanted,
  });
  await kubectl.run('delete', 'pod', name, '--wait=false');
  await replaced;
  return performance.now() - begin;
}
