import { ageColumn, type Column, nameColumn, none, orNone, textColumn, wide } from '../../kind/table-column.ts';
import type { Node } from './node.ts';

const rolePrefix = 'node-role.kubernetes.io/';
const oldRoleLabel = 'kubernetes.io/role';

export const nodeColumns: readonly Column<Node>[] = [
  nameColumn,
  textColumn('Status', 'Whether the node is ready, and whether it takes new pods.', nodeStatusText),
  textColumn('Roles', 'Roles given by labels.', nodeRoles),
  ageColumn,
  textColumn('Version', 'Version of the node agent.', ({ status }) => status?.nodeInfo?.kubeletVersion ?? ''),
  wide(textColumn('Internal-IP', 'Address within the cluster.', (node) => address(node, 'InternalIP'))),
  wide(textColumn('External-IP', 'Address from outside.', (node) => address(node, 'ExternalIP'))),
  wide(textColumn('OS-Image', 'Distribution of the node.', ({ status }) => orUnknown(status?.nodeInfo?.osImage))),
  wide(textColumn('Kernel-Version', 'Kernel of the node.', ({ status }) => orUnknown(status?.nodeInfo?.kernelVersion))),
  wide(
    textColumn('Container-Runtime', 'Container engine of the node.', ({ status }) =>
      orUnknown(status?.nodeInfo?.containerRuntimeVersion),
    ),
  ),
];

function nodeStatusText({ spec, status }: Node): string {
  const ready = status?.conditions?.find((condition) => condition.type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec.unschedulable === true ? `${text},SchedulingDisabled` : text;
}

function nodeRoles({ metadata }: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(rolePrefix) && key.length > rolePrefix.length) roles.add(key.slice(rolePrefix.length));
    if (key === oldRoleLabel && value !== '') roles.add(value);
  }
  return roles.size === 0 ? none : [...roles].sort().join(',');
}

function address({ status }: Node, type: string): string {
  return orNone(status?.addresses?.find((entry) => entry.type === type)?.address);
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === '' ? '<unknown>' : text;
}
