import { pod } from '@berth/api';
import { createFaults } from './made-object.ts';

export const metadata = { name: 'web', namespace: 'default' } as const;
export const labels = { app: 'web' } as const;
export const container = { name: 'web', image: 'nginx:1' } as const;
export const template: { readonly metadata: object; readonly spec: object } = {
  metadata: { labels },
  spec: { containers: [container] },
};
/** What all workloads have in their spec. */
export const workload: object = { selector: { matchLabels: labels }, template };
export const ports: readonly object[] = [{ port: 80 }];

/** The faults of a pod that is good but for these fields of its spec. */
export function faultsOf(spec: object): readonly string[] {
  return createFaults(pod, { metadata, spec: { containers: [container], ...spec } });
}
