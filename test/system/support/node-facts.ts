import type { Kubectl } from './kubectl.ts';
import { until } from './waiting.ts';

/** Since when each node has been Ready: the same text twice says that no node was taken for lost in between. Waits until all are Ready. */
export function nodesReadySince(kubectl: Kubectl): Promise<string> {
  const ready = '.status.conditions[?(@.type=="Ready")]';
  const line = `{.metadata.name} {${ready}.status} since {${ready}.lastTransitionTime}{"\\n"}`;
  return until({
    what: 'all nodes are Ready',
    withinMs: 30_000,
    look: () => kubectl.run('get', 'nodes', '-o', `jsonpath={range .items[*]}${line}{end}`),
    isSo: (text) => text !== '' && !/ (?:False|Unknown) since /.test(text),
  });
}
