import type { ApiClient } from '../client/api-client.ts';
import { formatTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** As `GET /berth/v1/explain/NAMESPACE/NAME` answers. */
interface PodExplanation {
  readonly namespace: string;
  readonly name: string;
  readonly state: string;
  readonly node?: string;
  readonly nodeCount: number;
  readonly fits: number;
  /** Nodes by what stands in the way there. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly nodes: readonly {
    readonly node: string;
    readonly refusals: readonly { readonly rule: string; readonly reasons: readonly string[] }[];
    readonly score?: number;
    readonly parts: readonly { readonly rule: string; readonly points: number }[];
  }[];
  readonly suggestions: readonly { readonly text: string }[];
}

/** `berth explain pod NAME`: every rule's word on every node, and what would make the pod fit. */
export async function explain(
  client: ApiClient,
  terminal: Terminal,
  type: string,
  name: string,
  { namespace = client.namespace, nodes }: { readonly namespace?: string; readonly nodes?: number },
): Promise<number> {
  if (!['pod', 'pods', 'po'].includes(type))
    throw new Error(`only pods have a place: berth explain pod NAME, not ${type}`);
  const path = `/berth/v1/explain/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
  const told = await client.json<PodExplanation>({ path, query: { nodes } });
  const place = told.node === undefined ? `is ${told.state}` : `is ${told.state}, on ${told.node}`;
  terminal.line(`pod ${told.namespace}/${told.name} ${place}; it fits on ${told.fits} of ${told.nodeCount} nodes`);
  const reasons = Object.entries(told.reasons).sort(([, left], [, right]) => right - left);
  for (const [reason, count] of reasons) terminal.line(`  ${count} x ${reason}`);
  terminal.line();
  const rows = told.nodes.map(({ node, refusals, score, parts }) =>
    refusals.length === 0
      ? [node, String(score ?? ''), parts.map(({ rule, points }) => `${rule} ${points}`).join(', ')]
      : [node, '-', refusals.flatMap(({ rule, reasons: why }) => why.map((each) => `${rule}: ${each}`)).join('; ')],
  );
  for (const line of formatTable([['NODE', 'SCORE', 'WHY'], ...rows])) terminal.line(line);
  const hidden = told.nodeCount - told.nodes.length;
  if (hidden > 0) terminal.line(`and ${hidden} more: --nodes ${told.nodeCount}`);
  if (told.suggestions.length > 0) terminal.line();
  for (const { text } of told.suggestions) terminal.line(text);
  return 0;
}
