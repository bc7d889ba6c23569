import type { ContainerStatus, Pod } from '@berth/api';
import type { FakeNode } from './fake-node.ts';

export function conditionsOf(node: FakeNode, name = 'web-1'): Record<string, string> {
  return Object.fromEntries((node.status(name).conditions ?? []).map(({ type, status }) => [type, status]));
}

export function container(node: FakeNode, name = 'web'): ContainerStatus {
  const status = node.status('web-1');
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const found = all.find((entry) => entry.name === name);
  if (found === undefined) throw new Error(`no status of ${name}`);
  return found;
}

export function deleted(pod: Pod, graceSeconds: number): Pod {
  const metadata = {
    ...pod.metadata,
    deletionTimestamp: '2026-01-01T00:00:00Z',
    deletionGracePeriodSeconds: graceSeconds,
  };
  return { ...pod, metadata };
}
