import type { Node, NodeStatus, PodStatus } from '@berth/api';

/** JSON inside a message of an agent: an object, or undefined. What it says is validated where it is written. */
export function parseNode(bytes: Uint8Array): Node | undefined {
  const node = parseObject(bytes);
  if (node === undefined) return undefined;
  return {
    apiVersion: 'v1',
    kind: 'Node',
    ...node,
    metadata: asObject(node['metadata']) ?? {},
    spec: asObject(node['spec']) ?? {},
  };
}

export function parseNodeStatus(bytes: Uint8Array): NodeStatus | undefined {
  return parseObject(bytes);
}

export function parsePodStatus(bytes: Uint8Array): PodStatus | undefined {
  return parseObject(bytes);
}

function parseObject(bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(Buffer.from(bytes).toString()));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
